//! Numbers and structures of the Windows interface. No program meets them, for types stand for them; the backend that
//! hands them to Windows compares them in tests of its own.

use crate::framework::row::{Row, Table, elsewhere};

pub(super) const TABLE: Table = Table { name: "values", title: "Values and structures", rows: ROWS };

const ROWS: &[Row] = &[
    elsewhere!(
        message_flags,
        "DONT_NOTIFY is 1, DEFER 2, WAITALL 4, COMMIT_ONLY 8.",
        "flags are options of `Receive` and `Send`; the numbers that Windows is given are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        invalid_ids,
        "The invalid buffer is 0xFFFFFFFF, an invalid queue 0.",
        "there are no ids to be invalid: handles are owned; those of Windows are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        a_corrupt_queue,
        "A corrupt queue dequeues 0xFFFFFFFF.",
        "memory that only the library writes cannot be corrupted by its users; the largest size is a row of completion queues, the numbers of Windows are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        notification_types,
        "An event is 1, a completion port 2, and none is a polled queue.",
        "each kind is a type of its own; the numbers that Windows is given are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        socket_flag,
        "A socket is made with WSA_FLAG_REGISTERED_IO (0x100) beside OVERLAPPED (0x01).",
        "any socket of Linux will do; on Windows all sockets are made with it, and only its own functions would refuse another; the numbers are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        function_table,
        "The functions are found with SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, for each provider, and cbSize is read first.",
        "Linux has no such table; on Windows the tests bring one, so only a Windows machine shows how it is found; its name and order are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        buffer_structure,
        "RIO_BUF is a pointer-sized id, a 32-bit offset and a 32-bit length.",
        "a slice is a value of Rust; the structure of Windows is compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        result_structure,
        "RIORESULT is a 32-bit status, 32-bit bytes, and two 64-bit contexts.",
        "a completion is a value of Rust; the structure of Windows is compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        control_structure,
        "RIO_CMSG_BUFFER is a 32-bit length, then aligned control messages.",
        "control messages are read and written through `ControlBuffer` and `ControlMessages`; the structure of Windows is compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        error_numbers,
        "EFAULT is 10014, EINVAL 10022, EALREADY 10037, ENOTSOCK 10038, EOPNOTSUPP 10045, ENOBUFS 10055, ETOOMANYREFS 10059, aborted 995.",
        "errors are types that name the limit and the value; the numbers of Windows are compared in `src/backend/windows/rio/values.rs`",
    ),
    elsewhere!(
        nine_arguments,
        "ReceiveEx and SendEx take nine arguments, of which flags is the eighth.",
        "options are set by name; the functions of Windows are compared in `src/backend/windows/rio/values.rs`",
    ),
];
