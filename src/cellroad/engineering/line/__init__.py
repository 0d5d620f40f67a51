"""Does a pack line make the volume: with which bottleneck, people, automation, buffers and mix?"""
