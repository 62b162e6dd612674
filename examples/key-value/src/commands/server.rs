//! What concerns the server as a whole: mostly what clients ask before they begin.

use super::{COUNT, Call, unknown_part, upper};
use crate::store::{Clock, matches};

/// What CONFIG tells, as nothing is ever saved.
const SETTINGS: [(&[u8], &[u8]); 3] = [(b"save", b""), (b"appendonly", b"no"), (b"databases", b"1")];

/// `CONFIG GET pattern ..`
pub(super) fn config(call: &mut Call<'_, '_>) {
    let words = call.words;
    if upper(words.get(1), &mut [0; 3]) != Some(b"GET") || words.len() < 3 {
        return unknown_part(call);
    }
    let asked = |name: &[u8]| words.from(2).any(|pattern| matches(&pattern.to_ascii_lowercase(), name));
    let told: Vec<_> = SETTINGS.into_iter().filter(|(name, _)| asked(name)).collect();
    call.reply.array(2 * told.len());
    for (name, value) in told {
        call.reply.bulk(name);
        call.reply.bulk(value);
    }
}

/// `COMMAND [COUNT|DOCS ..]`: clients that want to know more of commands do without.
pub(super) fn command(call: &mut Call<'_, '_>) {
    match (upper(call.words.get(1), &mut [0; 5]), call.words.len()) {
        (_, 1) | (Some(b"DOCS"), _) => call.reply.array(0),
        (Some(b"COUNT"), 2) => call.reply.count(COUNT),
        _ => unknown_part(call),
    }
}

/// `INFO [section ..]`: all there is, whatever is asked for.
pub(super) fn info(call: &mut Call<'_, '_>) {
    let house = call.house;
    let (keys, expiring) = {
        let store = house.store.whole();
        (store.len(), store.expiring())
    };
    let counters = house.handle.counters();
    let text = format!(
        "# Server\r\nserver_name:ringport-key-value\r\nserver_version:{}\r\nprocess_id:{}\r\ntcp_port:{}\r\n\
         uptime_in_seconds:{}\r\n\r\n\
         # Clients\r\nconnected_clients:{}\r\n\r\n\
         # Stats\r\ntotal_connections_received:{}\r\ntotal_commands_processed:{}\r\n\
         total_net_input_bytes:{}\r\ntotal_net_output_bytes:{}\r\nrejected_connections:{}\r\n\r\n\
         # Keyspace\r\n{}",
        env!("CARGO_PKG_VERSION"),
        std::process::id(),
        house.handle.local_addr().port(),
        house.store.clock().now().0 / 1000,
        counters.open,
        counters.accepted,
        counters.messages,
        counters.received,
        counters.sent,
        counters.refused_full + counters.refused_memory,
        if keys == 0 { String::new() } else { format!("db0:keys={keys},expires={expiring},avg_ttl=0\r\n") },
    );
    call.reply.bulk(text.as_bytes());
}
