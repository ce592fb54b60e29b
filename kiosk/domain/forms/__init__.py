"""Application forms (自动填表): a record filled from one tap of the identity card, asked for question by question, and checked.

What a form asks is data (`config/forms`); here is how it is asked. `record` holds the answers, `conditions` says which questions
apply, `fill` and `answers` change a record, `validate` tells every problem, `questions` the pages, `carry` fills older forms,
`payload` is the signed text in a QR code.
"""
