//! The figures of a server for machines.

use ringport::server::tcp::TcpReport;
use ringport::server::{Report, ThreadCounters};
use serde_json::{Value, json};

/// The whole report.
pub(crate) fn of(report: &Report) -> Value {
    let counters = &report.counters;
    json!({
        "address": report.local_addr.to_string(),
        "addresses": report.local_addrs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "design": report.design.to_string(),
        "backend": report.backend.map(|backend| backend.to_string()),
        "backend_reason": report.backend_reason,
        "socket_buffer_asked": report.socket_buffer_asked,
        "socket_buffer_granted": report.socket_buffer_granted,
        "seconds": report.ran.as_secs_f64(),
        "total": thread(&counters.total),
        "threads": counters.threads.iter().map(thread).collect::<Vec<_>>(),
        "threads_active": counters.active_threads(),
        "dropped_by_socket": counters.dropped_by_socket,
        "locked_bytes": counters.locked_bytes,
        "registered_bytes": counters.registered_bytes,
    })
}

/// The whole report of a TCP server.
pub(crate) fn of_streams(report: &TcpReport) -> Value {
    let counters = &report.counters;
    json!({
        "address": report.local_addr.to_string(),
        "design": report.design.to_string(),
        "backend": report.backend.to_string(),
        "seconds": report.ran.as_secs_f64(),
        "messages": counters.messages,
        "bytes_received": counters.received,
        "bytes_sent": counters.sent,
        "paused": counters.paused,
        "batches": counters.batches,
        "connections": {
            "accepted": counters.accepted,
            "most_open": counters.most_open,
            "refused_full": counters.refused_full,
            "refused_memory": counters.refused_memory,
            "accept_failed": counters.accept_failed,
            "ended_by_peer": counters.ended_by_peer,
            "ended_by_handler": counters.ended_by_handler,
            "ended_by_stop": counters.ended_by_stop,
            "failed": counters.failed,
            "malformed": counters.malformed,
            "idle": counters.idle,
            "message_deadline": counters.message_deadline,
            "close_deadline": counters.close_deadline,
        },
        "slices": counters.slices,
        "locked_bytes": counters.locked_bytes,
        "registered_bytes": counters.registered_bytes,
    })
}

fn thread(counters: &ThreadCounters) -> Value {
    json!({
        "datagrams": counters.datagrams,
        "bytes": counters.bytes,
        "dequeues": counters.results.dequeues,
        "results_per_dequeue": {
            "min": counters.results.min,
            "mean": counters.results.mean(),
            "max": counters.results.max,
            "histogram": counters.results.histogram.to_vec(),
        },
        "empty_dequeues": counters.empty_dequeues,
        "notifications": counters.notifications,
        "truncated": counters.truncated,
        "failed": counters.failed,
        "unreachable": counters.unreachable,
        "replies_sent": counters.replies_sent,
        "replies_dropped": counters.replies_dropped,
        "pool_waits": counters.pool_waits,
        "system_calls": counters.system_calls,
        "cpu_user_ns": counters.cpu_user.as_nanos() as u64,
        "cpu_system_ns": counters.cpu_system.as_nanos() as u64,
        "voluntary_switches": counters.voluntary_switches,
        "involuntary_switches": counters.involuntary_switches,
    })
}
