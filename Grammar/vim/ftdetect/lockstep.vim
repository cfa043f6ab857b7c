autocmd BufNewFile,BufRead *.plan setfiletype lockstep
