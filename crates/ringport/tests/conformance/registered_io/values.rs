//! Numbers and structures of the Windows interface. They matter to a native Windows backend and to a C interface, and
//! there is neither: here the types stand for them.

use crate::framework::row::{Row, Table, elsewhere};

pub(super) const TABLE: Table = Table { name: "values", title: "Values and structures", rows: ROWS };

const ROWS: &[Row] = &[
    elsewhere!(
        message_flags,
        "DONT_NOTIFY is 1, DEFER 2, WAITALL 4, COMMIT_ONLY 8.",
        "flags are options of `Receive` and `Send`, their numbers belong to a C interface",
    ),
    elsewhere!(
        invalid_ids,
        "The invalid buffer is 0xFFFFFFFF, an invalid queue 0.",
        "there are no ids to be invalid: handles are owned",
    ),
    elsewhere!(
        a_corrupt_queue,
        "A corrupt queue dequeues 0xFFFFFFFF.",
        "memory that only the library writes cannot be corrupted by its users; the largest size is a row of completion queues",
    ),
    elsewhere!(
        notification_types,
        "An event is 1, a completion port 2, and none is a polled queue.",
        "each kind is a type of its own, their numbers belong to a C interface",
    ),
    elsewhere!(
        socket_flag,
        "A socket is made with WSA_FLAG_REGISTERED_IO (0x100) beside OVERLAPPED (0x01).",
        "any socket of Linux will do; on Windows all sockets are made with it, and only its own functions would refuse another",
    ),
    elsewhere!(
        function_table,
        "The functions are found with SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, for each provider, and cbSize is read first.",
        "Linux has no such table; on Windows the tests bring one, so only a Windows machine shows how it is found",
    ),
    elsewhere!(
        buffer_structure,
        "RIO_BUF is a pointer-sized id, a 32-bit offset and a 32-bit length.",
        "a slice is a value of Rust, its layout belongs to a C interface",
    ),
    elsewhere!(
        result_structure,
        "RIORESULT is a 32-bit status, 32-bit bytes, and two 64-bit contexts.",
        "a completion is a value of Rust, its layout belongs to a C interface",
    ),
    elsewhere!(
        control_structure,
        "RIO_CMSG_BUFFER is a 32-bit length, then aligned control messages.",
        "control messages are read and written through `ControlBuffer` and `ControlMessages`",
    ),
    elsewhere!(
        error_numbers,
        "EFAULT is 10014, EINVAL 10022, EALREADY 10037, ENOTSOCK 10038, EOPNOTSUPP 10045, ENOBUFS 10055, ETOOMANYREFS 10059, aborted 995.",
        "errors are types that name the limit and the value; numbers belong to a C interface",
    ),
    elsewhere!(
        nine_arguments,
        "ReceiveEx and SendEx take nine arguments, of which flags is the eighth.",
        "options are set by name",
    ),
];
