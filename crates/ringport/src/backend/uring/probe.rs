//! What this kernel allows, found by trying each feature, never by its version.
//!
//! Backported and disabled features make versions lie, and a sandbox may refuse `io_uring_setup` at any
//! time. So everything this backend rests on is tried once a process, on a ring of its own, and what is
//! optional is tried one by one.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::{Arc, OnceLock};
use std::thread;

use io_uring::{IoUring, opcode, types};

use super::buffer_ring::BufferRing;
use super::trials;

/// How a ring is set up, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    /// `SINGLE_ISSUER | DEFER_TASKRUN`: completions are produced inside our own calls only.
    Deferred,
    /// `COOP_TASKRUN`: no interrupts, completions at any system call.
    Cooperative,
    /// None of them.
    Plain,
}

/// What the backend may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    pub(crate) setup: Setup,
    /// A wait can gather completions for a stated time once there is one.
    pub(crate) minimum_wait: bool,
    /// One accept takes connection after connection.
    pub(crate) accepts: bool,
    /// A receive of a connection waits, and takes its slice when bytes are there.
    pub(crate) selects: bool,
    /// It takes as many as it was asked for, and no more.
    pub(crate) bundles: bool,
}

/// How long a trial waits for its datagram, which takes microseconds.
pub(super) const PATIENCE: types::Timespec = types::Timespec::new().sec(2);

/// One feature and whether it is there.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) feature: &'static str,
    pub(crate) required: bool,
    /// The error number that stood in the way.
    pub(crate) result: Result<(), i32>,
}

/// The outcome: the features, or nothing where a required one is missing, with all findings.
#[derive(Clone, Debug)]
pub(crate) struct Probed {
    pub(crate) features: Option<Features>,
    pub(crate) findings: Vec<Finding>,
}

/// Tries everything, once a process; anew only after a lack of descriptors or memory, which passes.
pub(crate) fn probe() -> Arc<Probed> {
    static PROBED: OnceLock<Arc<Probed>> = OnceLock::new();
    if let Some(probed) = PROBED.get() {
        return Arc::clone(probed);
    }
    let probed = Arc::new(try_aside().unwrap_or_else(|probed| probed));
    if probed.is_passing() {
        return probed;
    }
    Arc::clone(PROBED.get_or_init(|| probed))
}

/// Tries everything on a thread that ends with it: the kernel clears rings away on the thread that used them,
/// some time later, and ends a system call with EINTR that the thread sleeps in by then.
fn try_aside() -> Result<Probed, Probed> {
    let aside = thread::Builder::new().name("ringport-probe".to_owned()).spawn(try_all);
    match aside.map(|aside| aside.join()) {
        Ok(Ok(probed)) => probed,
        // No thread to be had: then here.
        Ok(Err(_)) | Err(_) => try_all(),
    }
}

impl Probed {
    /// It was not the kernel that refused, but this moment.
    fn is_passing(&self) -> bool {
        let passing = |error| matches!(error, libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EAGAIN);
        self.features.is_none()
            && self.findings.iter().any(|finding| finding.result.err().is_some_and(passing))
    }
}

/// Opens a ring for a completion queue of `size`.
pub(crate) fn build(size: usize, features: &Features) -> io::Result<IoUring> {
    // Multishot receives complete more often than entries are submitted, so the two differ; completions
    // beyond the ring are kept by the kernel and never lost.
    let completions = size.next_power_of_two().clamp(256, 1 << 14) as u32;
    build_with(features.setup, 128, completions)
}

fn build_with(setup: Setup, entries: u32, completions: u32) -> io::Result<IoUring> {
    let mut builder = IoUring::builder();
    builder.dontfork().setup_clamp().setup_cqsize(completions);
    match setup {
        Setup::Deferred => builder.setup_single_issuer().setup_defer_taskrun().setup_taskrun_flag(),
        Setup::Cooperative => builder.setup_coop_taskrun().setup_taskrun_flag(),
        Setup::Plain => &mut builder,
    };
    builder.build(entries)
}

/// `Err` carries the findings up to the missing required one.
fn try_all() -> Result<Probed, Probed> {
    let mut findings = Findings(Vec::new());
    let setups = [
        ("setup: SINGLE_ISSUER and DEFER_TASKRUN", Setup::Deferred),
        ("setup: COOP_TASKRUN", Setup::Cooperative),
        ("io_uring_setup", Setup::Plain),
    ];
    let mut opened = None;
    for (feature, setup) in setups {
        match build_with(setup, 8, 64) {
            Ok(ring) => {
                findings.add(feature, setup == Setup::Plain, Ok(()));
                opened = Some((ring, setup));
                break;
            }
            Err(error) => findings.add(feature, setup == Setup::Plain, Err(error)),
        }
    }
    let Some((mut ring, setup)) = opened else { return Err(findings.missing()) };

    let parameters = ring.params();
    let (timed_wait, no_drop, minimum_wait) = (
        parameters.is_feature_ext_arg(),
        parameters.is_feature_nodrop(),
        parameters.is_feature_min_timeout(),
    );
    findings.add("wait with a time-out (EXT_ARG)", true, present(timed_wait));
    findings.add("no completion is dropped (NODROP)", true, present(no_drop));
    findings.add("wait that gathers (MIN_TIMEOUT)", false, present(minimum_wait));
    if !(timed_wait && no_drop) {
        return Err(findings.missing());
    }

    let mut buffers = match BufferRing::new(4) {
        Ok(buffers) => buffers,
        Err(error) => {
            findings.add("memory for a buffer ring", true, Err(error));
            return Err(findings.missing());
        }
    };
    // SAFETY: the mapping outlives the ring, which is dropped first below; it is leaked where the group
    // cannot be unregistered.
    let registered = unsafe {
        ring.submitter().register_buf_ring_with_flags(buffers.address(), buffers.count() as u16, 0, 0)
    };
    let usable = registered.is_ok();
    findings.add("provided-buffer rings", true, registered);
    if !usable {
        return Err(findings.missing());
    }
    let plain = multishot(&mut ring, &mut buffers, false);
    let message = multishot(&mut ring, &mut buffers, true);
    let complete = plain.is_ok() && message.is_ok();
    findings.add("multishot recv", true, plain);
    findings.add("multishot recvmsg", true, message);
    let accepts = trials::accepts(&mut ring);
    let selects = trials::receives(&mut ring, false);
    let bundles = trials::receives(&mut ring, true);
    let (has_accepts, has_selects, has_bundles) = (accepts.is_ok(), selects.is_ok(), bundles.is_ok());
    findings.add("multishot accept", false, accepts);
    findings.add("recv that takes its slice when there are bytes", false, selects);
    findings.add("recv of bundles, no longer than asked for", false, bundles);
    let unregistered = ring.submitter().unregister_buf_ring(0);
    drop(ring);
    if unregistered.is_err() {
        buffers.leak();
    }
    if !complete {
        return Err(findings.missing());
    }
    let features = Features {
        setup,
        minimum_wait,
        accepts: has_accepts,
        selects: has_selects,
        bundles: has_selects && has_bundles,
    };
    Ok(Probed { features: Some(features), findings: findings.0 })
}

/// Receives one datagram by a multishot request on a loopback socket of its own.
fn multishot(ring: &mut IoUring, buffers: &mut BufferRing, message: bool) -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0").or_else(|_| UdpSocket::bind("[::1]:0"))?;
    // Leaked on purpose, once a process: whatever goes wrong below, the kernel holds nothing of ours.
    let slice: &'static mut [u8] = Box::leak(vec![0; 256].into_boxed_slice());
    // SAFETY: msghdr is a plain C structure; all zeroes is a valid value.
    let header: &'static libc::msghdr = Box::leak(Box::new(unsafe { std::mem::zeroed() }));
    buffers.write(slice.as_mut_ptr(), slice.len() as u32);
    buffers.store_tail();
    let descriptor = types::Fd(socket.as_raw_fd());
    let entry = if message {
        opcode::RecvMsgMulti::new(descriptor, header, 0).build()
    } else {
        opcode::RecvMulti::new(descriptor, 0).build()
    };
    // SAFETY: header and slice are never freed.
    unsafe { ring.submission().push(&entry.user_data(1)) }
        .map_err(|_| io::Error::from(io::ErrorKind::WouldBlock))?;
    ring.submit()?;
    socket.send_to(b"probe", socket.local_addr()?)?;
    let mut outcome = None;
    let mut ended = false;
    let mut cancelled = false;
    while !ended {
        // A loopback interface that passes nothing on must not hold up the program.
        match ring.submitter().submit_with_args(1, &types::SubmitArgs::new().timespec(&PATIENCE)) {
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => continue,
            Err(error) if error.raw_os_error() != Some(libc::ETIME) || cancelled => return Err(error),
            Err(_) => _ = outcome.get_or_insert(Err(io::Error::from_raw_os_error(libc::ETIMEDOUT))),
            Ok(_) => {}
        }
        for completion in ring.completion() {
            if completion.user_data() != 1 {
                continue;
            }
            let more = io_uring::cqueue::more(completion.flags());
            ended |= !more;
            if io_uring::cqueue::buffer_select(completion.flags()).is_some() {
                buffers.consumed();
            }
            if outcome.is_none() {
                outcome = Some(match completion.result() {
                    error if error < 0 => Err(io::Error::from_raw_os_error(-error)),
                    _ if more => Ok(()),
                    _ => Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP)),
                });
            }
        }
        if !ended && !cancelled {
            cancelled = true;
            let cancel = opcode::AsyncCancel::new(1).build().user_data(2);
            // SAFETY: a cancellation points at no memory.
            unsafe { ring.submission().push(&cancel) }
                .map_err(|_| io::Error::from(io::ErrorKind::WouldBlock))?;
        }
    }
    buffers.retract();
    outcome.unwrap_or_else(|| Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP)))
}

fn present(there: bool) -> io::Result<()> {
    if there { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ENOSYS)) }
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, feature: &'static str, required: bool, result: io::Result<()>) {
        let result = result.map_err(|error| error.raw_os_error().unwrap_or(libc::EIO));
        self.0.push(Finding { feature, required, result });
    }

    fn missing(self) -> Probed {
        Probed { features: None, findings: self.0 }
    }
}
