//! The arguments of one `sendmmsg`, made of the sends that are due.
//!
//! ```text
//!   headers[i] ──► vectors[first..]  ──► payloads, or parts of one
//!              ──► names[i]
//!              ──► controls[i], where it is to be cut; the send's own otherwise
//!   runs[i]        what header i carries
//! ```

use super::{BATCH, EMPTY_VECTOR, VECTORS, empty_message};
use crate::backend::contract::{SendRequest, SendSide};
use crate::backend::run::{self, Run};
use crate::backend::sys::address;
use crate::net::ControlBuffer;

/// See the module; allocated once.
#[derive(Debug)]
pub(super) struct Messages {
    headers: Box<[libc::mmsghdr]>,
    vectors: Box<[libc::iovec]>,
    names: Box<[[u8; address::LONGEST]]>,
    runs: Box<[Run]>,
    controls: Box<[ControlBuffer]>,
    prepared: usize,
    /// Vectors that are in use, and the first of the last message.
    used: usize,
    first: usize,
}

// SAFETY: the pointers in the headers are written anew by each `prepare` before the kernel reads them, and point at
// this object's own arrays, which move with their boxes, and at what that call was given.
unsafe impl Send for Messages {}

impl Messages {
    pub(super) fn new() -> Messages {
        Messages {
            headers: (0..BATCH).map(|_| empty_message()).collect(),
            vectors: vec![EMPTY_VECTOR; VECTORS].into_boxed_slice(),
            names: vec![[0; address::LONGEST]; BATCH].into_boxed_slice(),
            runs: vec![Run::default(); BATCH].into_boxed_slice(),
            controls: vec![ControlBuffer::new(); BATCH].into_boxed_slice(),
            prepared: 0,
            used: 0,
            first: 0,
        }
    }

    /// The headers that were prepared, for the kernel.
    pub(super) fn headers(&mut self) -> &mut [libc::mmsghdr] {
        self.headers.get_mut(..self.prepared).unwrap_or_default()
    }

    /// What each of them carries.
    pub(super) fn runs(&self) -> &[Run] {
        self.runs.get(..self.prepared).unwrap_or_default()
    }

    /// Points headers at up to `most` of the sends that were posted first, as far as there is room.
    pub(super) fn prepare(&mut self, side: &SendSide, most: usize) {
        (self.prepared, self.used) = (0, 0);
        let largest = side.segmentation.largest();
        let mut offset = side.progress.sent;
        let mut last: Option<&SendRequest> = None;
        for request in side.posted.iter_from(0).take(most) {
            let length = request.payload.len();
            let unit = run::unit(request, to_u32(length));
            loop {
                let rest = to_u32(length - offset.min(length));
                let joined = last.map_or(0, |last| self.join(request, last, side, unit, (offset, rest)));
                let taken = match joined {
                    0 => self.begin(request, side, Run::begin(unit, rest, largest), offset),
                    bytes => Some(bytes),
                };
                // No room: the next call goes on here.
                let Some(taken) = taken else { return self.cut(side) };
                last = Some(request);
                offset += taken as usize;
                let Some(run) = self.runs.get_mut(self.prepared - 1) else { return };
                if offset >= length {
                    (run.ends, run.open) = (run.ends + 1, 0);
                    break;
                }
                run.open = taken;
            }
            offset = 0;
        }
        self.cut(side);
    }

    /// Appends as much as may follow in the message at hand; how many bytes that is.
    #[inline]
    fn join(
        &mut self,
        request: &SendRequest,
        last: &SendRequest,
        side: &SendSide,
        unit: u32,
        (offset, rest): (usize, u32),
    ) -> u32 {
        let index = self.prepared.wrapping_sub(1);
        let Some(run) = self.runs.get_mut(index) else { return 0 };
        let bytes = run.room(unit, rest);
        if bytes == 0 || !run::alike(last, request, side) {
            return 0;
        }
        let takes = || run::control_of(request, side).is_none_or(ControlBuffer::takes_segment_size);
        if run.datagrams == 1 && !takes() {
            run.end();
            return 0;
        }
        if !self.gather(request, offset, bytes) {
            return 0;
        }
        if let (Some(run), Some(message)) = (self.runs.get_mut(index), self.headers.get_mut(index)) {
            run.add(bytes);
            message.msg_hdr.msg_iovlen = (self.used - self.first) as _;
        }
        bytes
    }

    /// Begins another message; the bytes of its run, or none where there is no room.
    #[inline]
    fn begin(&mut self, request: &SendRequest, side: &SendSide, run: Run, offset: usize) -> Option<u32> {
        if self.prepared == self.headers.len() {
            return None;
        }
        let first = self.used;
        if !self.gather(request, offset, run.bytes()) {
            return None;
        }
        self.first = first;
        *self.runs.get_mut(self.prepared)? = run;
        let name = self.names.get_mut(self.prepared)?;
        let fields = &mut self.headers.get_mut(self.prepared)?.msg_hdr;
        fields.msg_iov = self.vectors.as_mut_ptr().wrapping_add(first);
        fields.msg_iovlen = (self.used - first) as _;
        match &request.peer {
            Some(peer) => {
                fields.msg_namelen = address::encode(peer, name) as _;
                fields.msg_name = name.as_mut_ptr().cast();
            }
            None => {
                fields.msg_namelen = 0;
                fields.msg_name = std::ptr::null_mut();
            }
        }
        set_control(fields, run::control_of(request, side));
        self.prepared += 1;
        Some(run.bytes())
    }

    /// Points vectors at part of a send; false, and none of them counts, when there are not enough.
    #[inline]
    fn gather(&mut self, request: &SendRequest, offset: usize, bytes: u32) -> bool {
        let (mut skip, mut left) = (offset, bytes as usize);
        let (vectors, mut used) = (&mut self.vectors, self.used);
        let fits = request.payload.each_slice(|slice| {
            let from = skip.min(slice.len());
            let to = slice.len().min(from.saturating_add(left));
            let part = slice.get(from..to).unwrap_or_default();
            (skip, left) = (skip - from, left - part.len());
            if part.is_empty() {
                return true;
            }
            let Some(vector) = vectors.get_mut(used) else { return false };
            *vector = libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() };
            used += 1;
            true
        });
        if fits {
            self.used = used;
        }
        fits
    }

    /// Says of each message of several datagrams where the kernel is to cut it.
    fn cut(&mut self, side: &SendSide) {
        let mut position = 0;
        let messages = self.headers.iter_mut().zip(&self.runs).zip(self.controls.iter_mut());
        for ((message, run), control) in messages.take(self.prepared) {
            if run.datagrams > 1 {
                let of_each = side.posted.iter_from(position).next();
                let of_each = of_each.and_then(|request| run::control_of(request, side));
                run.write_control(of_each, control);
                set_control(&mut message.msg_hdr, Some(control));
            }
            position += run.ends as usize;
        }
    }
}

/// More than there can be is more than any datagram takes.
#[inline]
fn to_u32(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Points a header at control data, which only the kernel reads.
#[inline]
fn set_control(fields: &mut libc::msghdr, control: Option<&ControlBuffer>) {
    match control.map(ControlBuffer::as_bytes).filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => {
            fields.msg_control = bytes.as_ptr().cast_mut().cast();
            fields.msg_controllen = bytes.len() as _;
        }
        None => {
            fields.msg_control = std::ptr::null_mut();
            fields.msg_controllen = 0;
        }
    }
}
