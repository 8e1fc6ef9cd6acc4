"""The parties' own pages (当事人窗口): what one party is asked, told and may do, by a code of its own, on a phone."""
