//! Commands come out as they were sent, however they are cut; and any bytes at all are taken in peace.

use proptest::prelude::*;
use ringport::server::tcp::framing::{Frame, Framing, Received};

use super::error::ProtocolError;
use super::*;

const LIMITS: Limits = Limits { largest: 600 };

/// A command as programs send it.
fn array(words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn words_of(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ProtocolError> {
    let mut cuts = Cuts::new();
    let words = Words::cut(bytes, &LIMITS, &mut cuts)?;
    Ok(words.from(0).map(<[u8]>::to_vec).collect())
}

/// Gives a framing these bytes, so many more at a time, in slices of as many, and takes all commands.
fn take(stream: &[u8], steps: &[usize]) -> Vec<Vec<u8>> {
    let mut framing = Commands::new(LIMITS);
    let (mut taken, mut given, mut wanted) = (0, 0, 1);
    let mut commands = Vec::new();
    let mut cuts = vec![];
    for step in steps.iter().cycle() {
        if given == stream.len() {
            break;
        }
        given = (given + step).min(stream.len());
        cuts.push(given);
        while taken < given && given - taken >= wanted {
            let from = |at: &usize| (*at).max(taken);
            let starts = [taken].into_iter().chain(cuts.iter().map(from));
            let slices: Vec<&[u8]> = starts.zip(cuts.iter().map(from)).map(|(a, b)| &stream[a..b]).collect();
            match framing.next_frame(Received::of_slices(&slices)) {
                Frame::Complete { skip: 0, length, tail: 0 } => {
                    commands.push(stream[taken..taken + length].to_vec());
                    taken += length;
                    wanted = 1;
                }
                Frame::Incomplete { more } => wanted = given - taken + more.max(1),
                other => panic!("{other:?}"),
            }
        }
    }
    commands
}

fn any_words() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)
}

/// Bytes that look like the protocol more often than chance has it.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        Just(b"\r\n".to_vec()),
        Just(b"*".to_vec()),
        Just(b"$".to_vec()),
        Just(b"\"".to_vec()),
        (-2i64..700).prop_map(|number| number.to_string().into_bytes()),
        (0i64..4).prop_map(|number| format!("*{number}\r\n").into_bytes()),
        (0i64..9).prop_map(|number| format!("${number}\r\n").into_bytes()),
        any_words().prop_map(|words| array(&words)),
    ];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn commands_come_out_as_they_were_sent(
        sent in prop::collection::vec(any_words(), 1..6), steps in prop::collection::vec(1usize..50, 1..9),
    ) {
        let stream: Vec<u8> = sent.iter().flat_map(|words| array(words)).collect();
        let taken = take(&stream, &steps);
        prop_assert_eq!(taken.iter().map(|bytes| words_of(bytes)).collect::<Vec<_>>(),
            sent.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn lines_come_out_as_they_were_typed(
        typed in prop::collection::vec(prop::collection::vec("[a-zA-Z0-9]{1,9}", 0..5), 1..6),
        steps in prop::collection::vec(1usize..20, 1..9),
    ) {
        let stream: String = typed.iter().map(|words| words.join(" ") + "\r\n").collect();
        let as_bytes = |words: Vec<String>| Ok(words.into_iter().map(String::into_bytes).collect());
        prop_assert_eq!(take(stream.as_bytes(), &steps).iter().map(|bytes| words_of(bytes)).collect::<Vec<_>>(),
            typed.into_iter().map(as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_taken_in_peace_and_errors_are_told(
        stream in any_bytes(), steps in prop::collection::vec(1usize..50, 1..9),
    ) {
        let mut framing = Commands::new(LIMITS);
        let found = framing.look(Received::new(&stream));
        for command in take(&stream, &steps) {
            let _ = words_of(&command);
        }
        match found {
            // What the framing refuses is refused again when it is cut.
            Err(_) => prop_assert!(words_of(&stream).is_err()),
            Ok(Ok(length)) => prop_assert!(length > 0 && length <= LIMITS.largest && length <= stream.len()),
            Ok(Err(more)) => prop_assert!(more > 0 && stream.len() < LIMITS.largest),
        }
    }

    #[test]
    fn a_command_that_trickles_is_looked_at_once(words in any_words(), last in prop::collection::vec(any::<u8>(), 99..200)) {
        let words: Vec<_> = words.into_iter().chain([last]).collect();
        let stream = array(&words);
        let mut framing = Commands::new(LIMITS);
        let (mut looked, mut wanted) = (0, 1);
        for given in 1..=stream.len() {
            if given >= wanted {
                looked += 1;
                match framing.next_frame(Received::new(&stream[..given])) {
                    Frame::Incomplete { more } => wanted = given + more,
                    _ => prop_assert_eq!(given, stream.len()),
                }
            }
        }
        // Its heads byte by byte, the bytes of its words not at all.
        prop_assert!(looked <= 5 + words.len() * 7, "{} for {} words", looked, words.len());
    }
}

#[test]
fn what_is_too_large_is_refused_by_its_head() {
    let refused = |bytes: &[u8]| Commands::new(LIMITS).look(Received::new(bytes)).unwrap_err();
    assert_eq!(refused(b"*101\r\n"), ProtocolError::Count);
    assert_eq!(refused(b"*99999999999\r\n"), ProtocolError::Count);
    assert_eq!(refused(b"*x\r\n"), ProtocolError::Count);
    assert_eq!(refused(b"*1\r\n$600\r\n"), ProtocolError::Length);
    assert_eq!(refused(b"*1\r\n$-1\r\n"), ProtocolError::Length);
    assert_eq!(refused(b"*1\r\n:5\r\n"), ProtocolError::Marker(b':'));
    assert_eq!(refused(&[b'a'; 600]), ProtocolError::Line);
    assert_eq!(words_of(b"*1\r\n$1\r\nabc"), Err(ProtocolError::End));
}

#[test]
fn words_of_a_line_may_be_quoted() {
    let words = |line: &str| words_of(line.as_bytes()).map(|words| words.len());
    assert_eq!(words_of(b"set 'a b' \"\"\n"), Ok(vec![b"set".to_vec(), b"a b".to_vec(), vec![]]));
    assert_eq!((words("\r\n"), words("  \n"), words("ping\n")), (Ok(0), Ok(0), Ok(1)));
    assert_eq!(
        (words("a \"b\r\n"), words("a 'b'c\n")),
        (Err(ProtocolError::Quote), Err(ProtocolError::Quote))
    );
}
