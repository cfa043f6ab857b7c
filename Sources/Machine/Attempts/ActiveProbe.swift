import Clock
import Execution
import Glibc
import System

/// What one look of a `wait` found.
enum ProbeAnswer {
  case yes
  /// Not yet; why, in words for people.
  case no(String)
  /// It never will be; one line for people.
  case never(String)
}

/// One look of a `wait` that is under way.
enum ActiveProbe {
  /// A process that is still to begin.
  case process(ProcessAttempt)
  case connection(Connecting)
}
