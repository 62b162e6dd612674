//! What the peers are.

use maud::{Markup, html};

use super::tone;
use crate::peer;
use crate::setting::Setting;

/// How each peer does the work, and with which versions.
pub(super) fn list(setting: &Setting) -> Markup {
    html! {
        dl.setting {
            @for peer in peer::all() {
                @if let Some(described) = setting.peers.get(peer.name()) {
                    dt { span.swatch.(tone::class(described.maker)) {} (peer.name()) }
                    dd {
                        (described.how)
                        @if !described.versions.is_empty() { " (" (described.versions.join(", ")) ")" }
                    }
                }
            }
        }
    }
}
