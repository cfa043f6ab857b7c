# Shared parts: faults, frames, YAML.
module Lockstep
  # What is wrong with a file, and in which line.
  class Fault < StandardError
    attr_reader :where, :line

    def initialize(where, line, words)
      @where = where
      @line = line
      super(words)
    end
  end

  # Writes frames.
  class Output
    def initialize(file)
      @file = file
    end

    def frame(kind, *fields)
      fields = fields.map { |field| field.to_s.dup.force_encoding(Encoding::BINARY) }
      @file.write("#{[kind, *fields.map(&:bytesize)].join(' ')}\n", *fields)
      @file.flush
    end

    def error(fault)
      frame('error', fault.where, fault.line || 0, fault.message)
    end

    def warning(where, words)
      frame('warning', where, words)
    end
  end

  # Reads a file of YAML: a table or nothing.
  def self.table(path, shown)
    text = File.read(path, encoding: 'bom|utf-8')
    raise Fault.new(shown, nil, 'is not UTF-8') unless text.valid_encoding?

    # Like a director's own YAML.load.
    value = YAML.safe_load(text, permitted_classes: [Symbol], aliases: true)
    return {} if value.nil? || value == false
    return value if value.is_a?(Hash)

    raise Fault.new(shown, nil, "is #{kind(value)}, not a table of names and values")
  rescue Psych::SyntaxError => e
    raise Fault.new(shown, e.line, "is not YAML: #{[e.problem, e.context].compact.join(' ')}")
  rescue Psych::DisallowedClass => e
    line, date = unquoted_date(text)
    raise Fault.new(shown, nil, "has YAML that is not accepted: #{e.message}") if line.nil?

    raise Fault.new(shown, line, "has the date #{date}, which a director refuses; put it in quotes")
  rescue Psych::Exception => e
    raise Fault.new(shown, nil, "has YAML that is not accepted: #{e.message}")
  rescue SystemCallError => e
    raise Fault.new(shown, nil, reason(e))
  end

  # The first unquoted text that YAML reads as a date or a time, and its line.
  def self.unquoted_date(text)
    scanner = Psych::ScalarScanner.new(Psych::ClassLoader.new)
    Psych.parse_stream(text).each do |node|
      next unless node.is_a?(Psych::Nodes::Scalar) && !node.quoted && node.tag.nil?

      value = scanner.tokenize(node.value)
      return node.start_line + 1, node.value if value.is_a?(Date) || value.is_a?(Time)
    end
    nil
  end

  # As a director stores it in its database, where keys and symbols are text.
  def self.stored(value, shown, place)
    JSON.parse(JSON.generate(value))
  rescue JSON::JSONError, EncodingError, SystemStackError => e
    raise Fault.new(shown, nil, unstorable(value, place) || "cannot be kept as JSON: #{e.message[0, 200]}")
  end

  # How deep JSON may be nested.
  DEEPEST = 100

  # What JSON cannot express, and where it is; nil if there is no such thing.
  def self.unstorable(value, place, depth = 0)
    return "#{place} is nested more than #{DEEPEST} deep; a director allows no more" if depth > DEEPEST

    case value
    when Hash, Array
      each_place(value, place) do |inner, inner_place|
        found = unstorable(inner, inner_place, depth + 1)
        return found if found
      end
      nil
    when Float
      "#{place} is #{yaml(value)}, which a director cannot keep as JSON" unless value.finite?
    when String
      return if value.dup.force_encoding('utf-8').valid_encoding?

      "#{place} is not UTF-8, and a director cannot keep it as JSON"
    end
  end

  # Each value of a table or a list, and where it is.
  def self.each_place(value, place)
    return value.each.with_index { |inner, index| yield inner, "#{place}[#{index}]" } if value.is_a?(Array)

    value.each { |key, inner| yield inner, [place, key].compact.join('.') }
  end

  def self.yaml(number)
    number.nan? ? '.nan' : "#{'-' if number.negative?}.inf"
  end

  def self.reason(error)
    case error
    when Errno::ENOENT then 'is not there'
    when Errno::EISDIR then 'is a folder'
    else error.message.sub(/ @ .*/m, '').downcase
    end
  end

  def self.kind(value)
    case value
    when Hash then 'a table'
    when Array then 'a list'
    when String then 'a text'
    when Numeric then 'a number'
    when nil then 'nothing'
    else "#{value.inspect[0, 40]}"
    end
  end

  def self.nearest(name, names)
    return '' unless defined?(DidYouMean)

    near = DidYouMean::SpellChecker.new(dictionary: names).correct(name).first
    near && alike?(name, near) ? "; did you mean '#{near}'?" : ''
  end

  # A common beginning of two dotted names does not make them more similar.
  def self.alike?(name, other)
    parts = [name.split('.'), other.split('.')]
    parts.each(&:shift) while parts.none?(&:empty?) && parts[0][0] == parts[1][0]
    one, two = parts.map { |rest| rest.join('.') }
    DidYouMean::Levenshtein.distance(one, two) <= 2 + [one.length, two.length].min / 5
  end

  def self.copy(value)
    Marshal.load(Marshal.dump(value))
  end
end
