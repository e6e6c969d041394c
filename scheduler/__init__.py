"""When, and in which order: ticks, the queue, the way of one article, the pace of each source."""
