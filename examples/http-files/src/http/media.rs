//! What kind of content a file has, by the end of its name.

/// The media type of what browsers do not know by themselves.
const UNKNOWN: &str = "application/octet-stream";

/// The value of `Content-Type` for a file of this path.
pub(crate) fn type_of(path: &[u8]) -> &'static str {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return UNKNOWN };
    let ending = name.get(dot + 1..).unwrap_or_default();
    let known = TYPES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(ending));
    known.map_or(UNKNOWN, |(_, media)| media)
}

const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("ico", "image/vnd.microsoft.icon"),
    ("woff2", "font/woff2"),
    ("woff", "font/woff"),
    ("htm", "text/html; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("txt", "text/plain; charset=utf-8"),
    ("md", "text/plain; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("xml", "application/xml"),
    ("wasm", "application/wasm"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("gz", "application/gzip"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_decides() {
        assert_eq!(type_of(b"a/index.html"), "text/html; charset=utf-8");
        assert_eq!(type_of(b"A.PNG"), "image/png");
        assert_eq!(type_of(b"a.tar.gz"), "application/gzip");
        assert_eq!(type_of(b"a.html/b"), UNKNOWN);
        assert_eq!(type_of(b"html"), UNKNOWN);
        assert_eq!(type_of(b"a."), UNKNOWN);
        assert_eq!(type_of(b"\xff.\xff"), UNKNOWN);
    }
}
