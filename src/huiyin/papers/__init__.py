"""The papers of people's mediation (人民调解文书): made out from what is known of a case, as DOCX and PDF."""
