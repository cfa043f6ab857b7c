# What everything here needs: faults, frames, YAML.
module Lockstep
  # Something wrong with a file, and in which line of it.
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

    value = YAML.safe_load(text, permitted_classes: [Symbol, Date, Time], aliases: true)
    return {} if value.nil? || value == false
    return value if value.is_a?(Hash)

    raise Fault.new(shown, nil, "is #{kind(value)} and no table of names and values")
  rescue Psych::SyntaxError => e
    raise Fault.new(shown, e.line, "is no YAML: #{[e.problem, e.context].compact.join(' ')}")
  rescue Psych::Exception => e
    raise Fault.new(shown, nil, "has YAML that is not taken: #{e.message}")
  rescue SystemCallError => e
    raise Fault.new(shown, nil, reason(e))
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

  # What two dotted names begin with makes them no more alike.
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
