import Glibc

extension TestVM {
  /// Adds a release job with one daemon.
  ///
  /// Its control program starts and stops it like those of BOSH releases. Each start and stop is
  /// noted in the sandbox's file `order`.
  ///
  /// - Parameters:
  ///   - releaseJob: its name, and the daemon's.
  ///   - scripts: bodies of its scripts.
  ///   - start: what the control program does for `start` before it starts the daemon.
  ///   - stop: what it does for `stop` before it ends the daemon.
  ///   - life: how many seconds the daemon lives.
  ///   - group: of the daemon, for monit.
  /// - Throws: an error if a file cannot be written.
  func releaseJobWithDaemon(
    _ releaseJob: String,
    _ scripts: KeyValuePairs<String, String> = [:],
    start: String = "",
    stop: String = "",
    life: String = "300",
    group: String = "vcap"
  ) throws {
    try self.releaseJob(
      releaseJob,
      scripts,
      monit: """
        check process \(releaseJob)
          with pidfile sys/run/\(releaseJob)/\(releaseJob).pid
          start program "jobs/\(releaseJob)/bin/ctl start" with timeout 20 seconds
          stop program "jobs/\(releaseJob)/bin/ctl stop" with timeout 20 seconds
          group \(group)

        """
    )
    // The daemon's working folder is the sandbox, so a failing test finds it and ends it.
    try script(
      releaseJob,
      "ctl",
      """
      #!/bin/sh
      cd '\(path)' || exit 1
      pid_file=sys/run/\(releaseJob)/\(releaseJob).pid
      case $1 in
        start)
          \(note("start \(releaseJob)"))
          \(start.isEmpty ? ":" : start)
          mkdir -p sys/run/\(releaseJob)
          setsid sh -c "echo \\$\\$ > $pid_file; exec sleep \(life)" < /dev/null > /dev/null 2>&1 &
          while [ ! -s $pid_file ]; do sleep 0.01; done
          ;;
        stop)
          \(note("stop \(releaseJob)"))
          \(stop.isEmpty ? ":" : stop)
          [ ! -s $pid_file ] || kill $(cat $pid_file)
          rm -f $pid_file
          ;;
      esac

      """
    )
  }

  /// The process number of a release job's daemon from its pid file; nil if there is none.
  func pid(_ releaseJob: String) -> pid_t? {
    sandbox.lines("\(name)/sys/run/\(releaseJob)/\(releaseJob).pid").first.flatMap { pid_t($0) }
  }

  /// Whether a release job's daemon runs.
  func isUp(_ releaseJob: String) -> Bool { pid(releaseJob).map { kill($0, 0) == 0 } ?? false }
}
