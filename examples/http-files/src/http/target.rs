//! Which path below the served directory a target means.
//!
//! What comes out has no `..`, no empty part and no leading slash; a symbolic link that leads out is for the system
//! to refuse when the file is opened.

use super::status::Status;

/// What stands for a directory.
const INDEX: &[u8] = b"index.html";

/// Writes the path that `target` means into `path`, percent-encoding decoded, and that of the index where it is a
/// directory. The room of `path` is used again and again.
pub(crate) fn resolve(target: &str, path: &mut Vec<u8>) -> Result<(), Status> {
    path.clear();
    let encoded = target.split('?').next().unwrap_or_default();
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => decoded(bytes.next(), bytes.next()).ok_or(Status::BadRequest)?,
            // A fragment is never sent, and what it would be part of is anybody's guess.
            b'#' => return Err(Status::BadRequest),
            byte => byte,
        };
        // No name has a NUL, and what one means depends on who reads it.
        if byte == 0 {
            return Err(Status::BadRequest);
        }
        if byte == b'/' {
            end_part(path)?;
        } else {
            path.push(byte);
        }
    }
    match end_part(path)? {
        true => _ = path.pop(),
        false => path.extend_from_slice(INDEX),
    }
    Ok(())
}

/// A part of the path is complete: keeps it with a slash, which is `true`, drops an empty one and `.`, refuses `..`.
fn end_part(path: &mut Vec<u8>) -> Result<bool, Status> {
    let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    match path.get(start..).unwrap_or_default() {
        b".." => return Err(Status::Forbidden),
        b"" | b"." => path.truncate(start),
        _ => {
            path.push(b'/');
            return Ok(true);
        }
    }
    Ok(false)
}

fn decoded(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path_of(target: &str) -> Result<String, u16> {
        let mut path = Vec::new();
        match resolve(target, &mut path) {
            Ok(()) => Ok(String::from_utf8_lossy(&path).into_owned()),
            Err(status) => Err(status.code()),
        }
    }

    #[test]
    fn a_target_is_a_path_below_the_directory() {
        for (target, path) in [
            ("/", "index.html"),
            ("/?a=../..", "index.html"),
            ("/a", "a"),
            ("/a/b.css?version=1", "a/b.css"),
            ("/a/", "a/index.html"),
            ("//a///b", "a/b"),
            ("/./a/./b", "a/b"),
            ("/a/.", "a/index.html"),
            ("/.", "index.html"),
            ("/with%20space/%c3%a4", "with space/ä"),
            ("/a%2fb", "a/b"),
            ("/...", "..."),
            ("/..a", "..a"),
        ] {
            assert_eq!(path_of(target).as_deref(), Ok(path), "{target}");
        }
    }

    #[test]
    fn the_way_up_is_refused_however_it_is_written() {
        for target in ["/..", "/../a", "/a/../b", "/a/..", "/%2e%2e/a", "/.%2E/a", "/a%2f..%2fb", "/..%2f"] {
            assert_eq!(path_of(target), Err(403), "{target}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for target in ["/%", "/%2", "/%zz", "/a%00b", "/%+1", "/a#b"] {
            assert_eq!(path_of(target), Err(400), "{target}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leads_out(target in "/([a./]|%2e|%2f|%5c){0,30}") {
            if let Ok(path) = path_of(&target) {
                prop_assert!(!path.is_empty() && !path.starts_with('/') && !path.ends_with('/'), "{}", path);
                prop_assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{}", path);
            }
        }

        #[test]
        fn no_target_makes_it_panic(target in "\\PC{0,60}") {
            let _ = path_of(&target);
        }
    }
}
