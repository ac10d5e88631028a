from sim.bench import bench


def test_the_bench_gives_a_case_a_perception_and_names_a_missed_target():
    found = bench((("truth", 20, 0.0), ("truth", 20, 1e9)))
    assert [(case["scenario"], case["perception"]) for case in found["cases"]] == [("brisk", "truth")] * 2
    assert all(case["times_real_time"] > 1 for case in found["cases"])
    (missed,) = found["missed"]
    assert missed.startswith("truth: ") and "is wanted" in missed
