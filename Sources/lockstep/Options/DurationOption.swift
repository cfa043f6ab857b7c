/// `--durations`: how long steps take.
enum DurationOption {
  static let option = OptionSpec(
    name: "--durations",
    value: "FILE",
    help:
      "how long steps take, instead of the times of earlier runs on the VM. Each line is STEP "
      + "DURATION, such as pre-start:db/* 40s; the last line that matches a step counts"
  )
}
