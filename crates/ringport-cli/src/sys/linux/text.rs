//! Numbers in the text files of /proc. Whatever stands in them, reading gives a number or none, and never fails.

/// The number after `name` in a file of `name number ...` lines.
pub(crate) fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The sum of the numbers in the row `name` of a table with a column a processor, as /proc/softirqs is.
pub(crate) fn row_sum(text: &str, name: &str) -> Option<u64> {
    let row = text.lines().find_map(|line| line.trim_start().strip_prefix(name))?;
    let mut sum = None;
    for cell in row.split_whitespace().map_while(|cell| cell.parse::<u64>().ok()) {
        sum = Some(sum.unwrap_or(0u64).saturating_add(cell));
    }
    sum
}

/// A number of a table with two lines a protocol, names above and numbers below, as /proc/net/snmp is:
///
/// ```text
///   Udp: InDatagrams NoPorts InErrors ...
///   Udp: 1234        5       6        ...
/// ```
pub(crate) fn below(text: &str, protocol: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(protocol));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let column = names.split_whitespace().position(|heading| heading == name)?;
    numbers.split_whitespace().nth(column)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_found_by_their_whole_name() {
        let text = "nonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t3\nVmLck:\t  12 kB\n";
        assert_eq!(number(text, "voluntary_ctxt_switches:"), Some(3));
        assert_eq!(number(text, "nonvoluntary_ctxt_switches:"), Some(7));
        assert_eq!(number(text, "VmLck:"), Some(12));
        assert_eq!(number(text, "VmRSS:"), None);
    }

    #[test]
    fn rows_are_summed_over_the_processors() {
        let text = "          CPU0   CPU1\n  NET_TX:    5     6\n  NET_RX:   70    80\n   EMPTY:\n";
        assert_eq!(row_sum(text, "NET_RX:"), Some(150));
        assert_eq!(row_sum(text, "NET_TX:"), Some(11));
        assert_eq!(row_sum(text, "EMPTY:"), None);
        assert_eq!(row_sum(text, "HI:"), None);
    }

    #[test]
    fn names_stand_above_their_numbers() {
        let text = "UdpLite: InErrors\nUdpLite: 99\nUdp: InDatagrams InErrors\nUdp: 12 3\n";
        assert_eq!(below(text, "Udp:", "InErrors"), Some(3));
        assert_eq!(below(text, "Udp:", "InDatagrams"), Some(12));
        assert_eq!(below(text, "Udp:", "RcvbufErrors"), None);
        assert_eq!(below("Udp: InErrors", "Udp:", "InErrors"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(before in "[a-z \n]{0,40}", value: u64, cells in prop::collection::vec(0u64..1 << 40, 1..9)) {
            let text = format!("{before}\nNAME: {value} kB\n");
            prop_assert_eq!(number(&text, "NAME:"), Some(value));
            let row = cells.iter().map(u64::to_string).collect::<Vec<_>>().join("  ");
            prop_assert_eq!(row_sum(&format!("{before}\n  ROW: {row}\n"), "ROW:"), Some(cells.iter().sum()));
            let names: Vec<String> = (0..cells.len()).map(|index| format!("N{index}")).collect();
            let table = format!("P: {}\nP: {row}\n", names.join(" "));
            for (name, cell) in names.iter().zip(&cells) {
                prop_assert_eq!(below(&table, "P:", name), Some(*cell));
            }
        }

        #[test]
        fn any_text_can_be_read(text: String, name in "[A-Za-z:]{0,6}") {
            let _ = (number(&text, &name), row_sum(&text, &name), below(&text, &name, "x"));
        }
    }
}
