import Glibc
@testable import Journal
@testable import Machine
@testable import VM

/// A journal's payloads and the result of its scan.
struct JournalReading: Equatable {
  var payloads: [String] = []
  var scan: JournalScan

  init(_ run: RunFolder) throws(Problem) {
    let bytes = try run.readJournal()
    var payloads: [String] = []
    scan = bytes.withUnsafeBytes { bytes in
      JournalScan.scan(bytes) { payload, _ in
        payloads.append(String(decoding: payload, as: UTF8.self))
      }
    }
    self.payloads = payloads
  }
}

/// Appends records to a journal.
struct JournalWriter {
  let file: JournalFile
  var framer = JournalFramer()
  /// What was appended.
  var payloads: [String] = []

  init(_ file: JournalFile) { self.file = file }

  mutating func append(_ payload: String) {
    payloads.append(payload)
    file.append { framer.append(payload.utf8, to: &$0) }
  }
}
