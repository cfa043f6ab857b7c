import CLinux
import Glibc
import Testing

/// Where a command's input comes from.
enum Input {
  case nothing
  case closed
  case bytes([UInt8])
  /// From something that the test writes to.
  case handle(Handle)
  static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
}

/// Where a command's output goes.
enum Output {
  /// To the test.
  case pipe
  /// To the test, by a terminal.
  case terminal
  case closed
  /// To something that the test reads itself.
  case handle(Handle)
  /// To an existing file.
  case file(String)
}

/// A running command, in its own session, with only the descriptors that it was given.
final class RunningCommand {
  /// Its process.
  let identifier: pid_t
  private let words: String
  private var input: (handle: Handle, rest: ArraySlice<UInt8>)?
  private var outputs: [Handle?]
  private var gathered: [[UInt8]] = [[], []]
  private var isReaped = false

  /// Starts it.
  init(
    _ executable: String,
    _ arguments: [String],
    environment: [String: String],
    folder: String,
    input: Input = .nothing,
    stdout: Output = .pipe,
    stderr: Output = .pipe
  ) throws {
    words = ([executable] + arguments).joined(separator: " ")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var held: [Handle] = []
    switch input {
    case .nothing: posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    case .closed: posix_spawn_file_actions_addclose(&actions, 0)
    case .handle(let handle): posix_spawn_file_actions_adddup2(&actions, handle.number, 0)
    case .bytes(let bytes):
      let (reading, writing) = try Handle.pipe()
      posix_spawn_file_actions_adddup2(&actions, reading.number, 0)
      _ = fcntl(writing.number, F_SETFL, O_NONBLOCK)
      self.input = (writing, bytes[...])
      held.append(reading)
    }
    outputs = [nil, nil]
    for (index, output) in [stdout, stderr].enumerated() {
      let number = Int32(index + 1)
      switch output {
      case .closed: posix_spawn_file_actions_addclose(&actions, number)
      case .handle(let handle):
        posix_spawn_file_actions_adddup2(&actions, handle.number, number)
      case .file(let path):
        posix_spawn_file_actions_addopen(&actions, number, path, O_WRONLY | O_APPEND, 0)
      case .pipe:
        let (reading, writing) = try Handle.pipe()
        posix_spawn_file_actions_adddup2(&actions, writing.number, number)
        outputs[index] = reading
        held.append(writing)
      case .terminal:
        let (master, slave) = try Self.terminal()
        posix_spawn_file_actions_adddup2(&actions, slave.number, number)
        outputs[index] = master
        held.append(slave)
      }
    }
    let here = try Handle(folder, O_RDONLY | O_DIRECTORY)
    _ = lockstep_spawn_fchdir(&actions, here.number)
    _ = lockstep_spawn_closefrom(&actions, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, lockstep_SPAWN_FLAGS)
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)

    let vector = CStringVector([executable] + arguments)
    let variables = CStringVector(environment.map { "\($0.key)=\($0.value)" }.sorted())
    var process: pid_t = 0
    let number = posix_spawn(
      &process,
      executable,
      &actions,
      &attributes,
      vector.pointer,
      variables.pointer
    )
    if number != 0 {
      throw SystemFailure(description: "start \(executable): \(String(cString: strerror(number)))")
    }
    identifier = process
    withExtendedLifetime(held) {}
  }

  /// A terminal of 80 columns: our side and the command's side.
  private static func terminal() throws -> (master: Handle, slave: Handle) {
    let master = try Handle("/dev/ptmx", O_RDWR | O_NOCTTY)
    // TIOCSPTLCK and TIOCGPTN, which are not imported.
    var number: CInt = 0
    try check(ioctl(master.number, 0x4004_5431, &number), "unlock a terminal")
    try check(ioctl(master.number, 0x8004_5430, &number), "name a terminal")
    return (master, try Handle("/dev/pts/\(number)", O_RDWR | O_NOCTTY))
  }

  /// Sends it a signal.
  func signal(_ number: Int32) throws { try check(kill(identifier, number), "kill") }

  /// Suspends it, and waits until it has stopped.
  ///
  /// SIGCONT continues it.
  func pause() throws {
    try signal(SIGSTOP)
    var status: Int32 = 0
    try check(waitpid(identifier, &status, WUNTRACED), "waitpid")
    // WIFSTOPPED, which is not imported.
    if status & 0xFF != 0x7F { throw SystemFailure(description: "\(words) has ended") }
  }

  /// Limits the pipe of its standard output to one page.
  func narrowStdout() {
    // F_SETPIPE_SZ
    if let output = outputs[0] { _ = fcntl(output.number, 1031, 4096) }
  }

  /// Stops reading its standard output.
  func closeStdout() { outputs[0] = nil }

  /// Waits until it has written this many lines to its standard output.
  func waitForLines(_ count: Int, _ location: SourceLocation = #_sourceLocation) throws {
    let deadline = Deadline()
    while gathered[0].count(where: { $0 == UInt8(ascii: "\n") }) < count {
      try exchange(deadline, location)
      if outputs[0] == nil {
        throw Hang(description: "\(words) wrote fewer than \(count) lines", location)
      }
    }
  }

  /// Waits until its standard output contains each of these texts.
  func waitFor(_ texts: String..., at location: SourceLocation = #_sourceLocation) throws {
    let deadline = Deadline()
    for text in texts {
      while gathered[0].firstRange(of: Array(text.utf8)) == nil {
        try exchange(deadline, location)
        if outputs[0] == nil { throw Hang(description: "\(words) never wrote '\(text)'", location) }
      }
    }
  }

  /// Waits until its standard error contains this text.
  ///
  /// Line breaks do not matter.
  func waitForComplaint(
    _ text: String,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let deadline = Deadline()
    func flat() -> String {
      String(decoding: gathered[1], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        .joined(separator: " ")
    }
    while !flat().contains(text) {
      try exchange(deadline, location)
      if outputs[1] == nil { throw Hang(description: "\(words) never said '\(text)'", location) }
    }
  }

  /// Waits for its end and for the end of its output.
  func finish(_ location: SourceLocation = #_sourceLocation) throws -> FinishedCommand {
    let deadline = Deadline()
    while input != nil || outputs.contains(where: { $0 != nil }) {
      try exchange(deadline, location)
    }
    return try reap(deadline, location)
  }

  private func reap(_ deadline: Deadline, _ location: SourceLocation) throws -> FinishedCommand {
    let number = lockstep_pidfd_open(identifier)
    let process = Handle(owning: try check(number, "pidfd_open"))
    var wanted = pollfd(fd: process.number, events: Int16(POLLIN), revents: 0)
    while poll(&wanted, 1, deadline.milliseconds) <= 0 {
      if deadline.milliseconds == 0 { throw hang(location) }
    }
    let end = lockstep_wait(identifier, 0)
    isReaped = true
    return FinishedCommand(
      words: words,
      status: end.code == lockstep_CLD_EXITED ? .exited(end.status) : .signalled(end.status),
      stdout: gathered[0],
      stderr: gathered[1]
    )
  }

  /// Waits until something can be read or written, and reads or writes it.
  private func exchange(_ deadline: Deadline, _ location: SourceLocation) throws {
    var wanted: [pollfd] = []
    for output in outputs {
      wanted.append(pollfd(fd: output?.number ?? -1, events: Int16(POLLIN), revents: 0))
    }
    wanted.append(pollfd(fd: input?.handle.number ?? -1, events: Int16(POLLOUT), revents: 0))
    let count = poll(&wanted, UInt(wanted.count), deadline.milliseconds)
    if count == 0 { throw hang(location) }
    if count < 0 { return }
    for index in outputs.indices where wanted[index].revents != 0 {
      if outputs[index]?.read(into: &gathered[index]) != true { outputs[index] = nil }
    }
    if wanted[2].revents != 0, let (handle, rest) = input {
      let written = rest.withUnsafeBytes { write(handle.number, $0.baseAddress, $0.count) }
      let left = written < 0 ? [] : rest.dropFirst(written)
      input = left.isEmpty ? nil : (handle, left)
    }
  }

  private func hang(_ location: SourceLocation) -> Hang {
    kill(identifier, SIGKILL)
    let text = gathered.map { String(decoding: $0.suffix(4000), as: UTF8.self) }
    return Hang(
      description: "\(words) does not end\n--- stdout\n\(text[0])\n--- stderr\n\(text[1])",
      location
    )
  }

  deinit {
    if isReaped { return }
    kill(identifier, SIGKILL)
    waitpid(identifier, nil, 0)
  }
}

/// An array of C strings, ended by a null pointer, as execve(2) takes it.
private final class CStringVector {
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointer = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
    pointer[count] = nil
  }

  deinit {
    for index in 0..<count { free(pointer[index]) }
    pointer.deallocate()
  }
}
