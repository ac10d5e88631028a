"""The ImageNet trunk that the grader's heads stand on."""
