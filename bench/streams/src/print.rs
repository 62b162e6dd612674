//! The report for people.

use ringport_stand::quartiles::Quartiles;

use crate::figures::Figure;
use crate::load::Load;
use crate::setting::Setting;

pub(crate) fn setting(setting: &Setting) {
    setting.machine.print();
    println!("versions  ringport {}, tokio {}", setting.ringport, setting.tokio);
    let places = setting.load_and_server_on.map_or("left to the system".to_owned(), |(load, server)| {
        format!("load on processor {load}, server on processor {server}")
    });
    println!("places    {places}");
    println!("slices    {} of {} bytes in a group of io_uring", setting.slices, setting.slice);
    println!(
        "rounds    {}, interleaved, {} ms each after {} ms of warm-up, a new process each",
        setting.rounds, setting.window_ms, setting.warm_up_ms
    );
}

pub(crate) fn figures(loads: &[Load], figures: &[Figure]) {
    for load in loads {
        println!("\n{load}; ratios to the best by hand over epoll within a round");
        println!(
            "  {:<24}{:>8} {:>13} {:>6} {:>8} {:>6} {:>9} {:>9}",
            "", "CPU ns", "quartiles", "ratio", "k/s", "ratio", "p50 us", "p99 us"
        );
        for figure in figures.iter().filter(|figure| figure.load == *load) {
            let cpu = figure.cpu_ns_per_message;
            println!(
                "  {:<24}{:>8.0} {:>13} {:>6} {:>8.1} {:>6} {:>9.1} {:>9.1}",
                figure.candidate,
                cpu.median,
                format!("{:.0}..{:.0}", cpu.p25, cpu.p75),
                ratio(figure.cpu_over_best),
                figure.rate_per_s.median / 1e3,
                ratio(figure.rate_over_best),
                figure.p50_us.median,
                figure.p99_us.median,
            );
        }
    }
}

fn ratio(ratio: Option<Quartiles>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{:.2}", ratio.median))
}
