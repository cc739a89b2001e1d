//! A text that can be read in windows up to its end and beyond.

/// A text, and after it as many zeros, which no XML may hold, as anybody asks for.
///
/// Windows are handed out by reference: a choice between two addresses costs nothing, whereas bytes that are copied
/// from one of two places would go through memory.
#[derive(Debug)]
pub(super) struct Padded<'t> {
    pub(super) text: &'t str,
    /// The last bytes once more, up to [`WIDTH`], and zeros after them.
    end: [u8; 2 * WIDTH],
}

impl<'t> Padded<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut end = [0; 2 * WIDTH];
        match (bytes.last_chunk::<WIDTH>(), end.first_chunk_mut()) {
            (Some(last), Some(place)) => *place = *last,
            _ => end.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte),
        }
        Self { text, end }
    }

    /// The bytes from `at` on.
    #[expect(clippy::inline_always, reason = "it is two comparisons")]
    #[inline(always)]
    pub(super) fn window(&self, at: usize) -> &[u8; WIDTH] {
        match self.text.as_bytes().get(at..at + WIDTH).and_then(<[u8]>::first_chunk) {
            Some(window) => window,
            None => self.last_window(at),
        }
    }

    #[inline(never)]
    fn last_window(&self, at: usize) -> &[u8; WIDTH] {
        let kept = self.text.len().saturating_sub(WIDTH);
        let skip = at.saturating_sub(kept).min(WIDTH);
        let window = self.end.get(skip..).and_then(<[u8]>::first_chunk);
        window.unwrap_or(&[0; WIDTH])
    }
}

/// How many bytes a window has: enough for four attributes of five, and less to look at than another sixteen.
pub(super) const WIDTH: usize = 32;
