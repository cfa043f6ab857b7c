/// Why a step failed, in words: `exit status 3`, `killed by SIGSEGV`, `timed out`.
package func describe(_ failure: StepFailure) -> String {
  switch failure {
  case .exited(let status): "exit status \(status)"
  case .signalled(let number): "ended by \(signalName(number))"
  case .timedOut: "timed out"
  case .cancelled: "cancelled"
  case .failed(let why): why
  case .lost: "how it ended is unknown"
  }
}

/// The name of a signal on Linux (signal(7)): `SIGTERM`; `signal 42` for one without a name.
package func signalName(_ number: Int32) -> String {
  let names = [
    1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL",
    10: "USR1", 11: "SEGV", 12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT",
    17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP", 21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU",
    25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH", 29: "IO", 30: "PWR", 31: "SYS",
  ]
  return names[Int(number)].map { "SIG\($0)" } ?? "signal \(number)"
}
