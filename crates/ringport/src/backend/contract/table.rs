//! The attachments of one completion queue, by key.

use super::Attachment;

/// It grows by one part of so many.
const SHARE: usize = 8;

/// A table whose keys stay valid until they are removed, and are used again afterwards.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Option<Attachment>>,
    free: Vec<u32>,
}

impl Table {
    /// Adds an attachment and gives it the lowest key that was freed last, or a new one.
    pub(crate) fn insert(&mut self, attachment: Attachment) -> u32 {
        match self.free.pop() {
            Some(key) => {
                if let Some(entry) = self.entries.get_mut(key as usize) {
                    *entry = Some(attachment);
                }
                key
            }
            None => {
                if self.entries.len() == self.entries.capacity() {
                    // By a part, not by all of it again: with ten thousand connections that would be megabytes.
                    self.entries.reserve_exact(self.entries.len() / SHARE + 1);
                }
                self.entries.push(Some(attachment));
                (self.entries.len() - 1) as u32
            }
        }
    }

    /// Removes an attachment; its key may be given out again.
    pub(crate) fn remove(&mut self, key: u32) -> Option<Attachment> {
        let taken = self.entries.get_mut(key as usize)?.take();
        if taken.is_some() {
            self.free.push(key);
        }
        taken
    }

    /// Takes an attachment out whose key must never be given out again.
    pub(crate) fn retire(&mut self, key: u32) -> Option<Attachment> {
        self.entries.get_mut(key as usize)?.take()
    }

    /// The attachment of `key`.
    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&Attachment> {
        self.entries.get(key as usize)?.as_ref()
    }

    /// The attachment of `key`, to change it.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: u32) -> Option<&mut Attachment> {
        self.entries.get_mut(key as usize)?.as_mut()
    }

    /// One past the highest key in use, for walks.
    pub(crate) fn end(&self) -> u32 {
        self.entries.len() as u32
    }

    /// How many attachments there are, retired ones included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }
}
