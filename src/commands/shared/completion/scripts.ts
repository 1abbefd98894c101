/** Scripts that make a shell ask this program what a word can become. */
export const completionScripts = {
  bash: `# manage completion for bash: source <(manage completion bash), or put this into ~/.local/share/bash-completion/completions/manage
_manage_completion() {
  local line value word quote='' prefix='' rest=\${COMP_LINE:0:COMP_POINT} i last
  local -a words=()
  COMPREPLY=()
  # bash takes words apart at @, : and =: what stands together on the line is one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    last=$((\${#words[@]} - 1))
    if [[ -n $COMP_LINE && i -gt 0 && $rest != [[:space:]]* ]]; then
      # The @ is part of what is replaced.
      prefix=\${words[last]%@}
      words[last]+=$word
      [[ $word == [:=] ]] && prefix=\${words[last]}
    else
      prefix=''
      words+=("$word")
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$word"}
  done
  for i in "\${!words[@]}"; do
    word=\${words[i]}
    quote=''
    if [[ $word == [\\"\\']* ]]; then
      quote=\${word:0:1}
      word=\${word:1}
      word=\${word%"$quote"}
    else
      word=\${word//\\\\/}
    fi
    words[i]=$word
  done
  prefix=\${prefix//\\\\/}
  while IFS= read -r line; do
    value=\${line%%$'\\t'*}
    value=\${value#"$prefix"}
    [[ -z $quote ]] && printf -v value '%q' "$value"
    COMPREPLY+=("$value")
  done < <("\${words[@]:0:1}" completion complete -- "\${words[@]:1}" 2>/dev/null)
  # What takes a value after an equals sign is not done yet.
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -o bashdefault -F _manage_completion manage manage-auth
`,
  zsh: `#compdef manage manage-auth
# manage completion for zsh: source <(manage completion zsh), or put this into a folder of $fpath as _manage
_manage_completion() {
  local line
  local -a values shown
  for line in "\${(@f)$("\${words[1]}" completion complete -- "\${(@)\${(Q@)words[2,CURRENT]}#[\\"\\']}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'* ]]; then shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}"); else shown+=("$line"); fi
  done
  if (( \${#values} )); then compadd -l -d shown -a values; else _files; fi
}
compdef _manage_completion manage manage-auth
`,
  fish: `# manage completion for fish: manage completion fish | source, or put this into ~/.config/fish/completions/manage.fish
function __manage_completion
  set -l words (commandline -opc) (commandline -ct | string unescape)
  test (count $words) -gt (count (commandline -opc)); or set -a words (commandline -ct)
  $words[1] completion complete -- $words[2..-1] 2>/dev/null
end
complete -c manage -f -a '(__manage_completion)'
complete -c manage-auth -f -a '(__manage_completion)'
complete -c manage -n '__fish_seen_subcommand_from loaddata importusers applyaccess' -F
`,
  powershell: `# manage completion for PowerShell: manage completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName manage, manage-auth -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  & $ast.CommandElements[0].ToString() completion complete -- @words 2>$null | ForEach-Object {
    $value, $text = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $(if ($text) { $text } else { $value }))
  }
}
`,
} as const;
