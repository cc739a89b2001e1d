//! How much time has passed, by two clocks of which each has a fault.

/// How far the wall clock must be ahead, in milliseconds, to tell of a sleep. What browsers coarsen their clocks by is
/// a tenth of it, and no limit of a stream is as short.
const SLEEP: f64 = 1000.0;

/// Counts the time by a clock that goes evenly, but in some browsers stands still while the machine sleeps
/// (`performance.now()`), and looks for sleeps by one that goes on, but may be set (`Date.now()`).
///
/// Setting the wall clock back does nothing, and setting it forward looks like a sleep. All is in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elapsed {
    /// What the clocks would have shown at the origin, had the even one not stood still since, and the other not been
    /// set.
    even: f64,
    wall: f64,
}

impl Elapsed {
    /// The origin is when the clocks show this.
    pub(crate) fn since(even: f64, wall: f64) -> Self {
        Self { even, wall }
    }

    /// How long ago the origin is when the clocks show this.
    pub(crate) fn at(&mut self, even: f64, wall: f64) -> f64 {
        let ahead = (wall - self.wall) - (even - self.even);
        if ahead >= SLEEP {
            self.even -= ahead;
        } else if ahead <= -SLEEP {
            self.wall += ahead;
        }
        even - self.even
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: f64 = 5_000.0;
    const WALL: f64 = 1_700_000_000_000.0;

    /// What is counted when the clocks show these, after the origin.
    fn counted(looks: &[(f64, f64)]) -> Vec<f64> {
        let mut elapsed = Elapsed::since(EVEN, WALL);
        looks.iter().map(|(even, wall)| elapsed.at(EVEN + even, WALL + wall)).collect()
    }

    #[test]
    fn coarse_clocks_do_not_hasten_it_however_often_they_are_looked_at() {
        let mut elapsed = Elapsed::since(EVEN, WALL);
        let mut last = 0.0;
        for tenth in 0..100_000_u32 {
            let true_time = f64::from(tenth) / 10.0;
            // The one in steps of 5 ms, the other in steps of 100 ms.
            let (even, wall) =
                ((true_time / 5.0).floor() * 5.0, (true_time / 100.0).floor() * 100.0);
            last = elapsed.at(EVEN + even, WALL + wall);
            assert!(last <= true_time, "{last} after {true_time} ms");
        }
        assert!(last > 9_990.0, "{last}");
    }

    #[test]
    fn a_sleep_counts() {
        assert_eq!(
            counted(&[(10.0, 10.0), (20.0, 60_020.0), (30.0, 60_030.0)]),
            [10.0, 60_020.0, 60_030.0]
        );
    }

    #[test]
    fn a_wall_clock_that_was_set_back_does_nothing_and_still_tells_of_sleeps() {
        let hour = 3_600_000.0;
        assert_eq!(
            counted(&[(10.0, -hour), (20.0, -hour + 10.0), (30.0, -hour + 60_020.0)]),
            [10.0, 20.0, 60_030.0]
        );
    }
}
