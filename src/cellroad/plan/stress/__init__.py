"""Does a plan hold? Its chain simulated day by day under uncertainty, in thousands of futures.

ways, connected  what could be done, and which of it can matter
detail, schedule what a plan by months and quarters does in each week, and on each day
instead, lasting what may stand in for an input; how long goods last where they come to
packing          which containers leave whole, and how long goods wait for them
policy           a plan as it is operated: base stocks around what is planned by day, what stands by
assemble, arrays the same as arrays
uncertain        the risks of a chain as laws of chance
chance, futures  numbers that depend on nothing but where they are used, and the futures made of them
kernel           the day, compiled: changing, ordering, working, serving, ageing, money
batches, collecting, quantiles   many futures by any executor, in memory that does not grow
recovery, stories, result, stressing   what comes of it
"""
