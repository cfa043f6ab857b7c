import Glibc
import System
import VM
import Words

/// The process of a monit, according to its pid file.
struct MonitDaemon {
  /// Its number.
  package var process: Int32
  /// How long it has been running.
  var age: Duration

  /// Where monit writes its number as root, if its control file does not say.
  private static let usualPidFiles = ["/run/monit.pid", "/var/run/monit.pid"]
  /// How long after its start delay it may take until it listens.
  private static let slack = Duration.seconds(3)

  /// Finds it.
  ///
  /// - Parameter settings: of the monit.
  /// - Returns: the process; nil if there is none, or the file names something that is not a monit.
  static func find(_ settings: MonitSettings) -> MonitDaemon? {
    for path in settings.pidFile.map({ [$0] }) ?? usualPidFiles {
      guard let bytes = try? firstBytes(of: path, limit: 64),
        let number = PidFile.number(bytes).flatMap({ Int32(exactly: $0) }), number > 1,
        let stat = ProcessStat(number), !stat.isDead, isMonit(number)
      else { continue }
      return MonitDaemon(process: number, age: stat.age)
    }
    return nil
  }

  /// On a stemcell its name is `monit-actual`.
  private static func isMonit(_ process: Int32) -> Bool {
    guard let end = readLink("/proc/\(process)/exe") else { return false }
    return end.split(separator: "/").last?.hasPrefix("monit") == true
  }

  /// Whether it runs but does not listen yet because of its start delay.
  static func isInStartDelay(_ settings: MonitSettings) -> Bool {
    if settings.startDelay == .zero { return false }
    guard let daemon = find(settings) else { return false }
    return daemon.age < settings.startDelay + slack
  }
}

extension MonitSettings {
  /// For people: that it does not listen yet.
  var startDelayWords: String {
    "monit at \(endpoint.shown) was just started and has a start delay of \(startDelay.forPeople); "
      + "waiting for it"
  }
}
