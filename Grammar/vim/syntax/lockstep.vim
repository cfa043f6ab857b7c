" Vim syntax file
" Language: Lockstep plans

if exists('b:current_syntax')
  finish
endif

" Names have these characters. Without them, vim would see 'start' in 'pre-start'.
syntax iskeyword @,48-57,_,-,+,.
syntax case match
syntax sync minlines=200

" After a word that expects a name comes a name, even if it looks like a keyword.
syntax keyword lockstepItem plan phase param deployment-job include nextgroup=lockstepName,lockstepString,lockstepBlockString skipwhite skipempty
syntax keyword lockstepItem barrier rollout test
syntax keyword lockstepSelect in for after release-jobs nextgroup=lockstepListed,lockstepListedString skipwhite skipempty
syntax keyword lockstepSelect per across nextgroup=lockstepScope skipwhite skipempty
syntax keyword lockstepSelect instances canaries max-in-flight secret side-by-side
syntax keyword lockstepStatement script nextgroup=lockstepScript,lockstepString skipwhite skipempty
syntax keyword lockstepStatement start stop nextgroup=lockstepUnit skipwhite skipempty
syntax keyword lockstepStatement run unmonitor drain parallel sequence
syntax keyword lockstepStatement wait nextgroup=lockstepProbe skipwhite skipempty
syntax keyword lockstepHandler finally
syntax keyword lockstepHandler on nextgroup=lockstepFailure skipwhite skipempty
syntax keyword lockstepClause default limit when idempotent optional retry backoff only timeout grace settle every strict exit signal
syntax keyword lockstepClause expect fails exits dies hangs takes attempt attempts at of before within
syntax keyword lockstepClause succeeded failed blocked skipped cancelled started unstarted
syntax keyword lockstepClause env with nextgroup=lockstepVariable skipwhite skipempty
syntax keyword lockstepClause as nextgroup=lockstepLabel skipwhite skipempty
syntax keyword lockstepOperator and or not exists known

syntax keyword lockstepScope instance deployment-job deployment contained
syntax keyword lockstepProbe tcp file command contained
syntax keyword lockstepUnit unit contained nextgroup=lockstepListed,lockstepListedString skipwhite skipempty
syntax keyword lockstepFailure failure contained
syntax match lockstepName "\k\+" contained
syntax match lockstepScript "\k\+" contained
syntax match lockstepVariable "\k\+" contained
syntax match lockstepLabel "\k\+" contained
syntax match lockstepListed "\k\+" contained nextgroup=lockstepComma skipwhite skipempty
syntax region lockstepListedString start=+"+ skip=+\\.+ end=+"\|$+ contained contains=lockstepEscape,lockstepParam nextgroup=lockstepComma skipwhite skipempty
syntax match lockstepComma "," contained nextgroup=lockstepListed,lockstepListedString skipwhite skipempty

syntax match lockstepNumber "\<\d\+%\?\ze\%([^[:alnum:]_.%+-]\|\.\.\|$\)"
syntax match lockstepNumber "\<\d\+\%(\.\d\+\)\+\ze\%([^[:alnum:]_.%+-]\|$\)"
syntax match lockstepDuration "\<\%(\d\+\%(ms\|h\|m\|s\)\)\+\ze\%([^[:alnum:]_.%+-]\|\.\.\|$\)"
syntax match lockstepDuration "\.\.\zs\%(\d\+\%(ms\|h\|m\|s\)\)\+\ze\%([^[:alnum:]_.%+-]\|$\)"
syntax match lockstepFact "\<[A-Za-z_][A-Za-z0-9_+-]*\%(\.[A-Za-z0-9_+-]\+\)\+"
syntax match lockstepParam "\\([^)[:space:]]*)"

syntax match lockstepBadEscape "\\." contained
syntax match lockstepEscape "\\[nt\"\\]" contained
syntax match lockstepEscape "\\u{\x\{1,8}}" contained
syntax match lockstepEscape "\\$" contained
syntax region lockstepString start=+"+ skip=+\\.+ end=+"\|$+ contains=lockstepBadEscape,lockstepEscape,lockstepParam
syntax region lockstepBlockString start=+"""+ skip=+\\.+ end=+"""+ contains=lockstepBadEscape,lockstepEscape,lockstepParam

" This comes last, so that it wins over other items that begin at the same place.
syntax match lockstepComment "#.*$" contains=lockstepTodo
syntax keyword lockstepTodo FIXME XXX NOTE contained

highlight default link lockstepItem Structure
highlight default link lockstepSelect Keyword
highlight default link lockstepStatement Statement
highlight default link lockstepProbe Statement
highlight default link lockstepUnit Statement
highlight default link lockstepHandler Exception
highlight default link lockstepFailure Exception
highlight default link lockstepClause Keyword
highlight default link lockstepOperator Operator
highlight default link lockstepScope Constant
highlight default link lockstepName Identifier
highlight default link lockstepListed Identifier
highlight default link lockstepLabel Label
highlight default link lockstepScript Function
highlight default link lockstepVariable Identifier
highlight default link lockstepFact Identifier
highlight default link lockstepParam PreProc
highlight default link lockstepNumber Number
highlight default link lockstepDuration Number
highlight default link lockstepString String
highlight default link lockstepListedString String
highlight default link lockstepBlockString String
highlight default link lockstepEscape SpecialChar
highlight default link lockstepBadEscape Error
highlight default link lockstepComment Comment
highlight default link lockstepTodo Todo

let b:current_syntax = 'lockstep'
