import Words

/// What a monit control file declares.
struct ControlFile: Hashable, Sendable {
  /// A check of any kind: it has a name, and others can depend on it.
  struct Service: Hashable, Sendable {
    var name: String
    var place: ControlFilePlace
    var dependencies: [Dependency] = []
  }

  /// A name after `depends on`.
  struct Dependency: Hashable, Sendable {
    var name: String
    var place: ControlFilePlace
  }

  /// The processes, in the order of the file.
  var processes: [MonitoredProcess] = []
  /// All checks, in the order of the file.
  var services: [Service] = []
  /// Statements that monit 5.2.5 does not know and later ones do.
  var laterStatements: [ControlFileError] = []
  /// Pid files with a path that is not absolute, which monit refuses.
  var relativePidFiles: [ControlFileError] = []
}

/// A place in a control file.
struct ControlFilePlace: Hashable, Sendable {
  /// Counted from 1.
  var line: Int
  /// In characters, counted from 1.
  var column: Int
  /// The line itself, without surrounding blanks.
  var text: String
}
