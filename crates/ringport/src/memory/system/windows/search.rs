//! Finding a byte by looking at each: the C library there looks at each as well, behind a call.

#[inline]
pub(crate) fn find_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    bytes.iter().position(|&there| there == byte)
}
