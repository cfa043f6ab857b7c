/// `--durations`: says how long steps take.
enum DurationOption {
  static let option = OptionSpec(
    name: "--durations",
    value: "FILE",
    help:
      "how long steps take, instead of what earlier runs on the VM took: lines of STEP DURATION, "
      + "such as pre-start:db/* 40s; the last that fits a step counts"
  )
}
