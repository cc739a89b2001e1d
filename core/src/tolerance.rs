//! Which departures from the standards are put up with, and whose they are.
