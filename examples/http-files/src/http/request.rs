//! What a head asks for, or why it is refused.

use super::status::Status;

/// The most header fields of a request.
const MOST_FIELDS: usize = 64;
/// The longest target, in bytes: it comes back in the head of a redirection.
pub(crate) const LONGEST_TARGET: usize = 1024;

/// A request that can be answered. It borrows the bytes it was received in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request<'head> {
    /// Only the head of the answer is wanted.
    pub(crate) head_only: bool,
    /// The path and the query, beginning with a slash.
    pub(crate) target: &'head str,
    /// Whether the connection stays open behind the answer.
    pub(crate) keep_alive: bool,
    pub(crate) range: Option<&'head str>,
    pub(crate) if_range: Option<&'head str>,
    pub(crate) if_modified_since: Option<&'head str>,
}

/// Reads a whole head. After a refusal nobody knows where the next request begins, so the connection ends with it.
pub(crate) fn parse(head: &[u8]) -> Result<Request<'_>, Status> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Ok(_) => return Err(Status::BadRequest),
        Err(httparse::Error::TooManyHeaders) => return Err(Status::HeaderFieldsTooLarge),
        Err(httparse::Error::Version) => return Err(Status::VersionNotSupported),
        Err(_) => return Err(Status::BadRequest),
    }
    let (Some(method), Some(target), Some(minor)) = (parsed.method, parsed.path, parsed.version) else {
        return Err(Status::BadRequest);
    };
    let fields = Fields::read(parsed.headers, minor >= 1)?;
    let head_only = match method {
        "GET" => false,
        "HEAD" => true,
        "POST" | "PUT" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT" | "PATCH" => {
            return Err(Status::MethodNotAllowed);
        }
        _ => return Err(Status::NotImplemented),
    };
    if target.len() > LONGEST_TARGET {
        return Err(Status::UriTooLong);
    }
    if fields.has_body {
        return Err(Status::ContentTooLarge);
    }
    if fields.hosts != 1 && (minor >= 1 || fields.hosts > 1) {
        return Err(Status::BadRequest);
    }
    let target = origin_form(target).ok_or(Status::BadRequest)?;
    let Fields { keep_alive, range, if_range, if_modified_since, .. } = fields;
    Ok(Request { head_only, target, keep_alive, range, if_range, if_modified_since })
}

/// The fields that change an answer.
#[derive(Default)]
struct Fields<'head> {
    hosts: usize,
    keep_alive: bool,
    /// Nothing here takes one, and what is not read cannot be taken for the next request.
    has_body: bool,
    range: Option<&'head str>,
    if_range: Option<&'head str>,
    if_modified_since: Option<&'head str>,
}

impl<'head> Fields<'head> {
    fn read(headers: &[httparse::Header<'head>], keep_alive: bool) -> Result<Fields<'head>, Status> {
        let mut fields = Fields { keep_alive, ..Fields::default() };
        let mut length = None;
        let mut is_coded = false;
        let mut ranges = 0;
        for header in headers {
            let is = |name| header.name.eq_ignore_ascii_case(name);
            // A value with bytes beyond ASCII is none that matters here.
            let text = std::str::from_utf8(header.value).ok().map(str::trim);
            if is("host") {
                fields.hosts += 1;
            } else if is("connection") {
                fields.connection(text.unwrap_or_default());
            } else if is("content-length") {
                let given = text.and_then(decimal).ok_or(Status::BadRequest)?;
                if length.replace(given).is_some_and(|before| before != given) {
                    return Err(Status::BadRequest);
                }
            } else if is("transfer-encoding") {
                is_coded = true;
            } else if is("range") {
                ranges += 1;
                fields.range = text;
            } else if is("if-range") {
                fields.if_range = Some(text.unwrap_or_default());
            } else if is("if-modified-since") {
                fields.if_modified_since = text;
            }
        }
        if is_coded && length.is_some() {
            // Two lengths for one body: that is how requests are smuggled past proxies.
            return Err(Status::BadRequest);
        }
        if ranges > 1 {
            fields.range = None;
        }
        fields.has_body = is_coded || length.is_some_and(|length| length > 0);
        Ok(fields)
    }

    fn connection(&mut self, value: &str) {
        for word in value.split(',').map(str::trim) {
            if word.eq_ignore_ascii_case("close") {
                self.keep_alive = false;
            } else if word.eq_ignore_ascii_case("keep-alive") {
                self.keep_alive = true;
            }
        }
    }
}

/// A number in decimal digits and nothing else.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // One too large for 64 bits is larger than any file.
    is_plain.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The path and query of a target, which proxies are sent with scheme and host before them.
fn origin_form(target: &str) -> Option<&str> {
    let absolute = ["http://", "https://"].iter().find_map(|scheme| {
        let head = target.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| target.get(scheme.len()..))?
    });
    match absolute {
        Some(rest) => Some(rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")),
        None => target.starts_with('/').then_some(target),
    }
}

#[cfg(test)]
mod tests;
