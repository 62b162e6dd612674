//! Finding a byte: what every search in received bytes comes down to.

use super::system::search;

/// Where `byte` first stands in `bytes`.
#[inline]
pub(crate) fn find_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    search::find_byte(bytes, byte)
}

#[cfg(test)]
mod tests {
    use super::find_byte;
    use crate::random::Random;

    #[test]
    fn it_finds_what_looking_at_each_byte_finds() {
        let mut random = Random::new(11);
        for _ in 0..2000 {
            let bytes: Vec<u8> = random.bytes(200).iter().map(|byte| byte % 40).collect();
            let wanted = random.below(40) as u8;
            assert_eq!(find_byte(&bytes, wanted), bytes.iter().position(|byte| *byte == wanted));
        }
        assert_eq!((find_byte(b"", 0), find_byte(&[0xff, 0x80], 0x80)), (None, Some(1)));
    }
}
