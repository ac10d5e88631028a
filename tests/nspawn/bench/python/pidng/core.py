PICAM2DNG = object
