//! Names of designs on the command line.

use ringport::Design;

/// One design by its name.
pub(crate) fn design(text: &str) -> Result<Design, String> {
    text.parse().map_err(|_| format!("there is no design '{text}'; offered are {}", all()))
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
    fn what_does_not_exist_is_told_with_what_does() {
        assert!(design("fast").unwrap_err().contains("there is no design 'fast'; offered are blocking"));
        assert!(design("").is_err());
    }
}
