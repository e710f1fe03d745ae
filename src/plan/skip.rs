//! Finds where a JSON value ends without looking at what is in it: 64 bytes at a time, as bits.
//!
//! A quote that no backslash escapes opens or closes a string; brackets outside strings open and close. That is all a
//! value's end hangs on. Whether what lies between is JSON is for the one who reads it.

/// Where the search for the end of an array or an object stands. It may go on in the next piece of the input.
#[derive(Debug, Default)]
pub(super) struct Skip {
    /// Brackets that are open.
    depth: usize,
    /// Within a string.
    inside: bool,
    /// The next byte is escaped.
    escaped: bool,
}

/// One bit for each of 64 bytes, the first lowest.
struct Bits {
    quotes: u64,
    backslashes: u64,
    opens: u64,
    closes: u64,
}

impl Skip {
    /// Goes on in `bytes`; the first ones ever must begin with the bracket. How many of them belong to the value, once
    /// it ends.
    pub(super) fn go(&mut self, bytes: &[u8]) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if bytes.len() >= 64 && has_wide_vectors() {
            #[expect(
                unsafe_code,
                reason = "half as long as with the vectors that every such processor has"
            )]
            // SAFETY: the processor was asked whether it has what this is compiled for.
            return unsafe { self.go_by_wide_vectors(bytes) };
        }
        self.walk(bytes, bits)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,popcnt,bmi1")]
    fn go_by_wide_vectors(&mut self, bytes: &[u8]) -> Option<usize> {
        self.walk(bytes, |block| by_wide_vectors(block))
    }

    #[inline(always)]
    fn walk(&mut self, bytes: &[u8], bits: impl Fn(&[u8; 64]) -> Bits) -> Option<usize> {
        let (blocks, rest) = bytes.as_chunks::<64>();
        for (number, block) in blocks.iter().enumerate() {
            if let Some(end) = self.block(bits(block)) {
                return Some(number * 64 + end);
            }
        }
        // Spaces neither open nor close anything.
        let mut last = [b' '; 64];
        let (filled, _) = last.split_at_mut_checked(rest.len())?;
        filled.copy_from_slice(rest);
        let escaped = rest.len() < 64 && self.ends_escaped(rest);
        let end = self.block(bits(&last));
        self.escaped = escaped;
        end.map(|end| blocks.len() * 64 + end)
    }

    /// Whether the byte after these would be escaped.
    fn ends_escaped(&self, bytes: &[u8]) -> bool {
        let run = bytes.iter().rev().take_while(|byte| **byte == b'\\').count();
        (run + usize::from(run == bytes.len() && self.escaped)) % 2 == 1
    }

    #[inline(always)]
    fn block(&mut self, bits: Bits) -> Option<usize> {
        let Bits { quotes, backslashes, opens, closes } = bits;
        let quotes = quotes & !self.escapes(backslashes);
        let strings = parity(quotes) ^ if self.inside { u64::MAX } else { 0 };
        self.inside = strings >> 63 == 1;
        let (opens, closes) = (opens & !strings, closes & !strings);
        if (closes.count_ones() as usize) < self.depth {
            self.depth = self.depth + opens.count_ones() as usize - closes.count_ones() as usize;
            return None;
        }
        let mut brackets = opens | closes;
        while brackets != 0 {
            let at = brackets.trailing_zeros();
            if opens >> at & 1 == 1 {
                self.depth += 1;
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Some(at as usize + 1);
                }
            }
            brackets &= brackets - 1;
        }
        None
    }

    /// Which bytes of the block a backslash escapes.
    fn escapes(&mut self, backslashes: u64) -> u64 {
        let mut escaped = u64::from(std::mem::take(&mut self.escaped));
        let mut rest = backslashes & !escaped;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            if at == 63 {
                self.escaped = true;
            } else {
                escaped |= 1 << (at + 1);
                rest &= !(1 << (at + 1));
            }
        }
        escaped
    }
}

/// For each bit, whether an odd number of bits is set up to and with it.
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(target_arch = "x86_64")]
fn bits(block: &[u8; 64]) -> Bits {
    #[expect(unsafe_code, reason = "more than twice as fast as the plain form, and a test compares the two")]
    // SAFETY: SSE2 is part of x86-64, so that there is no such processor without it.
    unsafe {
        by_vectors(block)
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn bits(block: &[u8; 64]) -> Bits {
    plain(block)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn by_vectors(block: &[u8; 64]) -> Bits {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8};
    let mut bits = Bits { quotes: 0, backslashes: 0, opens: 0, closes: 0 };
    let (quote, backslash) = (_mm_set1_epi8(0x22), _mm_set1_epi8(0x5C));
    // `{` is `[` with one bit more, and so is `}` of `]`.
    let (open, close, more) = (_mm_set1_epi8(0x7B), _mm_set1_epi8(0x7D), _mm_set1_epi8(0x20));
    for (quarter, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
        // As one number, the first byte lowest: it is loaded in one go.
        let number = u128::from_le_bytes(*bytes);
        let lane = _mm_set_epi64x((number >> 64) as i64, number as i64);
        let folded = _mm_or_si128(lane, more);
        let at = 16 * quarter;
        bits.quotes |= u64::from(_mm_movemask_epi8(_mm_cmpeq_epi8(lane, quote)) as u16) << at;
        bits.backslashes |= u64::from(_mm_movemask_epi8(_mm_cmpeq_epi8(lane, backslash)) as u16) << at;
        bits.opens |= u64::from(_mm_movemask_epi8(_mm_cmpeq_epi8(folded, open)) as u16) << at;
        bits.closes |= u64::from(_mm_movemask_epi8(_mm_cmpeq_epi8(folded, close)) as u16) << at;
    }
    bits
}

/// Whether the processor has the vectors of 32 bytes, and counts bits at once.
#[cfg(target_arch = "x86_64")]
fn has_wide_vectors() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("popcnt")
        && std::arch::is_x86_feature_detected!("bmi1")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn by_wide_vectors(block: &[u8; 64]) -> Bits {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x, _mm256_set1_epi8,
    };
    let mut bits = Bits { quotes: 0, backslashes: 0, opens: 0, closes: 0 };
    let (quote, backslash) = (_mm256_set1_epi8(0x22), _mm256_set1_epi8(0x5C));
    let (open, close, more) = (_mm256_set1_epi8(0x7B), _mm256_set1_epi8(0x7D), _mm256_set1_epi8(0x20));
    for (half, bytes) in block.as_chunks::<32>().0.iter().enumerate() {
        // A pattern and no `map`, which would not be compiled into this function.
        let [first, second, third, fourth] = bytes.as_chunks::<8>().0 else { continue };
        let [first, second, third, fourth] = [
            i64::from_le_bytes(*first),
            i64::from_le_bytes(*second),
            i64::from_le_bytes(*third),
            i64::from_le_bytes(*fourth),
        ];
        let lane = _mm256_set_epi64x(fourth, third, second, first);
        let folded = _mm256_or_si256(lane, more);
        let at = 32 * half;
        bits.quotes |= u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(lane, quote)) as u32) << at;
        bits.backslashes |= u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(lane, backslash)) as u32) << at;
        bits.opens |= u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(folded, open)) as u32) << at;
        bits.closes |= u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(folded, close)) as u32) << at;
    }
    bits
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn plain(block: &[u8; 64]) -> Bits {
    let which = |is: fn(u8) -> bool| {
        block.iter().enumerate().fold(0, |bits, (at, byte)| bits | u64::from(is(*byte)) << at)
    };
    Bits {
        quotes: which(|byte| byte == b'"'),
        backslashes: which(|byte| byte == b'\\'),
        opens: which(|byte| byte | 0x20 == b'{'),
        closes: which(|byte| byte | 0x20 == b'}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, byte by byte.
    fn naive(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut inside, mut escaped) = (0usize, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' if !escaped => inside = !inside,
                b'{' | b'[' if !inside => depth += 1,
                b'}' | b']' if !inside => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            escaped = *byte == b'\\' && !escaped;
        }
        None
    }

    fn in_pieces(bytes: &[u8], cuts: &[usize]) -> Option<usize> {
        let mut skip = Skip::default();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            let to = to.clamp(from, bytes.len());
            if let Some(end) = skip.go(&bytes[from..to]) {
                return Some(from + end);
            }
            from = to;
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_ends_where_a_reader_byte_by_byte_ends(
            tail in proptest::collection::vec(proptest::sample::select(b"{}[]\"\"\\\\a:, \xC3".to_vec()), 0..400),
            mut cuts in proptest::collection::vec(1usize..400, 0..4),
        ) {
            let bytes = [b"{".as_slice(), &tail].concat();
            cuts.sort_unstable();
            prop_assert_eq!(in_pieces(&bytes, &[]), naive(&bytes));
            prop_assert_eq!(in_pieces(&bytes, &cuts), naive(&bytes));
        }

        #[test]
        fn bits_are_those_of_the_plain_form(block in proptest::collection::vec(any::<u8>(), 64)) {
            let block: [u8; 64] = block.try_into().unwrap();
            let told = |bits: Bits| (bits.quotes, bits.backslashes, bits.opens, bits.closes);
            prop_assert_eq!(told(bits(&block)), told(plain(&block)));
            #[cfg(target_arch = "x86_64")]
            if has_wide_vectors() {
                #[expect(unsafe_code, reason = "as in `go`")]
                // SAFETY: the processor was asked.
                let wide = unsafe { by_wide_vectors(&block) };
                prop_assert_eq!(told(wide), told(plain(&block)));
            }
        }
    }
}
