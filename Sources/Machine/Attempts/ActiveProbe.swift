import Clock
import Execution
import Glibc
import System

/// What one check of a `wait` found.
enum ProbeAnswer {
  case yes
  /// Not yet; why, for people.
  case no(String)
  /// It never will be; one line for people.
  case never(String)
}

/// One check of a `wait` that is in progress.
enum ActiveProbe {
  /// A process that has not begun yet.
  case process(ProcessAttempt)
  case connection(Connecting)
}
