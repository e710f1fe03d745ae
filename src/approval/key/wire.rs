//! The encoding of keys and signatures: strings with a length before them (RFC 4251 section 5).
//!
//! Only the one shortest form of each value is read, so that two texts of one key are the same bytes.

/// The bytes are not what is expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::approval) struct Malformed;

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(in crate::approval) struct Wire<'a>(pub(in crate::approval) &'a [u8]);

impl<'a> Wire<'a> {
    /// So many bytes.
    pub(in crate::approval) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A `uint32`.
    pub(in crate::approval) fn number(&mut self) -> Result<u32, Malformed> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| Malformed)?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// A `string`.
    pub(in crate::approval) fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        self.take(length)
    }

    /// A `string` that is UTF-8.
    pub(in crate::approval) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.string()?).map_err(|_| Malformed)
    }

    /// A `string` of exactly so many bytes.
    pub(in crate::approval) fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Malformed> {
        self.string()?.try_into().map_err(|_| Malformed)
    }

    /// An `mpint` greater than zero, in its shortest form, without the zero byte that keeps it positive.
    pub(in crate::approval) fn positive(&mut self) -> Result<&'a [u8], Malformed> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Ok(rest),
            all @ [1..0x80, ..] => Ok(all),
            _ => Err(Malformed),
        }
    }

    /// That nothing is left.
    pub(in crate::approval) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// A `string` of these bytes. What is longer than four gigabytes is nowhere written.
pub(in crate::approval) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        let read = |bytes: &[u8]| {
            let mut text = Vec::new();
            put(&mut text, bytes);
            Wire(&text).positive().map(<[u8]>::to_vec)
        };
        assert_eq!(read(&[1]), Ok(vec![1]));
        assert_eq!(read(&[0, 0x80]), Ok(vec![0x80]));
        for wrong in [&[][..], &[0], &[0, 1], &[0x80], &[0, 0, 0x80]] {
            assert_eq!(read(wrong), Err(Malformed), "{wrong:?}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_no_string() {
        assert_eq!(Wire(&[0, 0, 0, 2, 1]).string(), Err(Malformed));
        assert_eq!(Wire(&[255, 255, 255, 255, 1]).string(), Err(Malformed));
        assert_eq!(Wire(&[0, 0, 0]).string(), Err(Malformed));
    }
}
