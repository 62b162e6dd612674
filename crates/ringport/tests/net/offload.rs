//! Runs of datagrams in one call.

use ringport::net::{ControlBuffer, ControlMessage, gro_supported, gso_supported};

use crate::loopback::{receive, send, ways};

/// Seven datagrams of 100 bytes, the last shorter.
const SEGMENT: u16 = 100;
const BYTES: usize = 650;

#[test]
fn a_run_is_split_for_those_who_want_datagrams() {
    if !gso_supported() {
        return eprintln!("skipped: this kernel has no UDP_SEGMENT");
    }
    for way in ways() {
        let bytes: Vec<u8> = (0..BYTES).map(|index| index as u8).collect();
        let mut control = ControlBuffer::new();
        control.segment_size(SEGMENT).unwrap();
        send(&way.client, way.target, &bytes, &control).unwrap();
        for part in bytes.chunks(SEGMENT.into()) {
            assert_eq!(receive(&way.server).bytes, part, "{}", way.name);
        }
    }
}

#[test]
fn a_run_arrives_whole_with_the_size_of_its_segments() {
    if !gso_supported() || !gro_supported() {
        return eprintln!("skipped: this kernel lacks UDP_SEGMENT or UDP_GRO");
    }
    for way in ways() {
        way.server.receive_offload(true).unwrap();
        let mut control = ControlBuffer::new();
        control.segment_size(SEGMENT).unwrap();
        send(&way.client, way.target, &[7; BYTES], &control).unwrap();
        let received = receive(&way.server);
        assert_eq!(received.bytes, [7; BYTES], "{}", way.name);
        assert_eq!(
            received.control().collect::<Vec<_>>(),
            [ControlMessage::SegmentSize(SEGMENT)],
            "{}",
            way.name
        );
        way.server.receive_offload(false).unwrap();
        send(&way.client, way.target, &[7; BYTES], &control).unwrap();
        assert_eq!(receive(&way.server).bytes.len(), usize::from(SEGMENT), "{}", way.name);
    }
}
