//! Finding a byte with the C library, which looks at a vector register's worth of bytes at a time.

#[inline]
pub(crate) fn find_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    let base = bytes.as_ptr();
    // SAFETY: the call reads at most `len` bytes from `base`, which the slice says may be read.
    let hit = unsafe { libc::memchr(base.cast(), libc::c_int::from(byte), bytes.len()) };
    (!hit.is_null()).then(|| hit.addr() - base.addr())
}
