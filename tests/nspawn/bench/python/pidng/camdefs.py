Picamera2Camera = object
