"""Do the rows agree?"""
