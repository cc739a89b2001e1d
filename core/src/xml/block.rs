//! Sixteen bytes of a text at once, and which of them a search has to stop at.
//!
//! The answers are marks: a number with a bit for each byte, the lowest for the first. What was loaded once answers
//! several questions that need not wait for each other, and where a name ends and where a value ends are two counts
//! of zeros. Compilers do not find the one instruction that makes marks of bytes: this is what `wide` is for.

use wide::u8x16;

use super::padded::WIDTH;

/// Bytes of a text; or 255 for each of them that is in some set, and 0 for the others.
#[derive(Clone, Copy)]
pub(super) struct Block(u8x16);

impl Block {
    #[inline]
    pub(super) fn of(bytes: &[u8; BLOCK]) -> Self {
        Self(u8x16::new(*bytes))
    }

    /// The first half of a window.
    #[inline]
    pub(super) fn first(window: &[u8; WIDTH]) -> Self {
        let [first, _] = Self::both(window);
        first
    }

    /// Both halves of a window.
    #[inline]
    pub(super) fn both(window: &[u8; WIDTH]) -> [Self; 2] {
        let (first, second) = window.split_at(BLOCK);
        [first, second].map(|half| Self::of(half.first_chunk().unwrap_or(&[0; BLOCK])))
    }

    /// What is no ASCII character of a name, or a colon; and the end of the block.
    #[inline]
    pub(super) fn name_stops(self) -> u32 {
        let letter = self.with(0x20).between(b'a', b'z');
        let slash = self.is(b'/');
        // From `-` to `9` there are `.`, `/` and the digits.
        let number = Self(self.between(b'-', b'9').0 & !slash.0);
        !letter.or(number).or(self.is(b'_')).marks()
    }

    /// Quotes, `<`, `&` and what is [suspicious](Self::suspicious).
    #[inline]
    pub(super) fn value_stops(self) -> u32 {
        // The apostrophe and `&` differ in the lowest bit.
        let stops = self.with(1).is(b'\'').or(self.is(b'"')).or(self.is(b'<'));
        stops.or(self.suspicious()).marks()
    }

    /// `<`, `&`, `]` and what is [suspicious](Self::suspicious).
    #[inline]
    pub(super) fn text_stops(self) -> Self {
        self.is(b'<').or(self.is(b'&')).or(self.is(b']')).or(self.suspicious())
    }

    /// What may be no character: control characters, and the first byte of U+FFFE, U+FFFF and others (XML 1.0 § 2.2).
    #[inline]
    pub(super) fn suspicious(self) -> Self {
        self.between(0, 0x1F).or(self.is(0xEF))
    }

    /// A bit for each byte.
    #[inline]
    pub(super) fn marks(self) -> u32 {
        self.0.to_bitmask()
    }

    #[inline]
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    fn is(self, byte: u8) -> Self {
        Self(self.0.simd_eq(u8x16::splat(byte)))
    }

    #[inline]
    fn with(self, bits: u8) -> Self {
        Self(self.0 | u8x16::splat(bits))
    }

    #[inline]
    fn between(self, first: u8, last: u8) -> Self {
        let above = self.0 - u8x16::splat(first);
        Self(above.min(u8x16::splat(last - first)).simd_eq(above))
    }
}

/// How many bytes a block has.
pub(super) const BLOCK: usize = 16;
