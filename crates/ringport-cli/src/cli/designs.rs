//! Names of designs on the command line.

use ringport::Design;

/// One design by its name.
pub(crate) fn design(text: &str) -> Result<Design, String> {
    text.parse().map_err(|_| {
        if text.contains("port") || text.contains("hybrid") || text.contains("reader-thread") {
            format!("'{text}' is not offered yet; offered are {}", all())
        } else {
            format!("there is no design '{text}'; offered are {}", all())
        }
    })
}

/// The names of all designs, as a sentence lists them.
pub(crate) fn all() -> String {
    Design::ALL.map(|design| design.to_string()).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for one in Design::ALL {
            assert_eq!(design(&one.to_string()), Ok(one));
        }
    }

    #[test]
    fn what_is_not_offered_is_told_apart_from_what_does_not_exist() {
        assert!(design("reader-thread").unwrap_err().contains("not offered yet"));
        assert!(design("fast").unwrap_err().contains("there is no design 'fast'"));
        assert!(design("").is_err());
    }
}
